/**
 * The headers in which CloudFront tells the API, behind a domain of one's own, who it is and who asks. A client's own headers of these names
 * are overwritten there. lib/infra/front.ts sets them, lib/http/auth/front.ts reads them.
 */
export const FRONT_HEADERS = {
  /** What only CloudFront and the API know. */
  secret: 'x-circadian-front',
  /** The client's IP address. */
  address: 'x-circadian-viewer',
} as const;
