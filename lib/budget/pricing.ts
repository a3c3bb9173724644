export type Usage = Record<string, unknown>;
