import { type CallOptions, got, headers, type ListOptions, pages, type Signalled, type TypedApi } from './call.ts';
import type { components } from './contract.ts';

export type WorkspaceFile = components['schemas']['File'];

/** Text, or bytes. */
export type Content = string | Uint8Array<ArrayBuffer> | Blob;

/** What the file must be for a write: `ifMatch` an ETag, `ifNoneMatch` `*` for a new one. */
export type Precondition = { ifMatch?: string; ifNoneMatch?: string } & Signalled;

const OCTETS = 'application/octet-stream';
/** Bytes go out as they are, and not as JSON. */
const asBytes = (content: Content) =>
  ({ body: content as never, bodySerializer: () => content, headers: { 'Content-Type': OCTETS } }) as const;

const condition = ({ ifMatch, ifNoneMatch }: Precondition) => ({
  ...(ifMatch !== undefined && { 'If-Match': ifMatch }),
  ...(ifNoneMatch !== undefined && { 'If-None-Match': ifNoneMatch }),
});

/** The workspace of a session. A path may begin with a slash or not. */
export function filesOf(api: TypedApi) {
  const at = (id: string, path: string) => ({ id, path: path.replace(/^\//, '') });
  return {
    list: (id: string, { signal, ...query }: ListOptions<'listFiles'> = {}): AsyncGenerator<WorkspaceFile> =>
      pages((cursor) =>
        got(api.GET('/v1/sessions/{id}/files', { params: { path: { id }, query: { ...query, cursor } }, signal })),
      ),

    text: async (id: string, path: string, { signal }: Signalled = {}): Promise<string> =>
      (await got(
        api.GET('/v1/sessions/{id}/files/{path}', { params: { path: at(id, path) }, parseAs: 'text', signal }),
      )) ?? '',

    bytes: async (id: string, path: string, { signal }: Signalled = {}): Promise<Uint8Array<ArrayBuffer>> =>
      new Uint8Array(
        (await got(
          api.GET('/v1/sessions/{id}/files/{path}', { params: { path: at(id, path) }, parseAs: 'arrayBuffer', signal }),
        )) ?? 0,
      ),

    /** Writes a file; the agent has it with its next step. */
    put: (id: string, path: string, content: Content, options: Precondition = {}): Promise<WorkspaceFile> =>
      got(
        api.PUT('/v1/sessions/{id}/files/{path}', {
          params: { path: at(id, path), header: condition(options) },
          ...asBytes(content),
          signal: options.signal,
        }),
      ),

    delete: async (id: string, path: string, options: Precondition = {}): Promise<void> =>
      void (await got(
        api.DELETE('/v1/sessions/{id}/files/{path}', {
          params: { path: at(id, path), header: condition(options) },
          signal: options.signal,
        }),
      )),

    /** All files as a gzipped tar, as they come. */
    archive: (id: string, { signal }: Signalled = {}): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> =>
      got(api.GET('/v1/sessions/{id}/files:archive', { params: { path: { id } }, parseAs: 'stream', signal })) as never,

    /** Unpacks a .tar.gz, .tar or .zip into the workspace. */
    unpack: (id: string, archive: Content, options: CallOptions = {}) =>
      got(
        api.POST('/v1/sessions/{id}/files:archive', {
          params: { path: { id }, header: headers(options) },
          ...asBytes(archive),
          signal: options.signal,
        }),
      ),
  };
}
