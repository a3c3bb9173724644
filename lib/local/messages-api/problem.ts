/** The Messages API's errors: `{type: "error", error: {type, message, details?}, request_id}` with a status. */
export class ApiProblem extends Error {
  override name = 'ApiProblem';
  readonly status: number;
  readonly type: string;

  constructor(status: number, type: string, message: string) {
    super(message);
    this.status = status;
    this.type = type;
  }
}

export const invalid = (message: string): ApiProblem => new ApiProblem(400, 'invalid_request_error', message);
