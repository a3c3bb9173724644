/** Zip files as no good packer makes them: each field of an entry may lie. */
import { crc32, deflateRawSync } from 'node:zlib';

export type ZipEntry = {
  name: string | Uint8Array;
  data?: string | Uint8Array;
  /** 8: deflate; 0: as it is. */
  method?: number;
  /** As in stat; left out: the packer was not of Unix. */
  mode?: number;
  flags?: number;
  /** What it says of itself, where that is not so. */
  claims?: { size?: number; crc?: number };
};

const UTF8 = 0x800;

/** One archive. `count`: what its end says of the number of entries. */
export function zip(entries: ZipEntry[], { count = entries.length }: { count?: number } = {}): Uint8Array<ArrayBuffer> {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, data = '', method = 8, mode, flags = UTF8, claims = {} } of entries) {
    const [path, plain] = [Buffer.from(name as string), Buffer.from(data as string)];
    const packed = method === 8 ? deflateRawSync(plain) : plain;
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(claims.crc ?? crc32(plain), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(claims.size ?? plain.length, 18);
    common.writeUInt16LE(path.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, path, packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(((mode ?? 0) << 16) >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    const madeBy = Buffer.from([20, mode === undefined ? 0 : 3]);
    central.push(Buffer.concat([Buffer.from('PK\x01\x02', 'latin1'), madeBy, common, rest, path]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(count, 4);
  end.writeUInt16LE(count, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Uint8Array.from(Buffer.concat([...locals, directory, Buffer.from('PK\x05\x06', 'latin1'), end]));
}
