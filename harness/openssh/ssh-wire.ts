/** The binary encoding of SSH: strings with their length, numbers in network order. Source: RFC 4251, section 5. */

/** Reads one value after the other. Throws RangeError where the bytes end too early. */
export class WireReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes);
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  bytes(): Buffer {
    const start = this.#at + 4;
    const end = start + this.#bytes.readUInt32BE(this.#at);
    if (end > this.#bytes.length) throw new RangeError("a string is longer than what is left");
    this.#at = end;
    return this.#bytes.subarray(start, end);
  }

  text(): string {
    return this.bytes().toString("utf8");
  }

  uint32(): number {
    this.#at += 4;
    return this.#bytes.readUInt32BE(this.#at - 4);
  }

  uint64(): bigint {
    this.#at += 8;
    return this.#bytes.readBigUInt64BE(this.#at - 8);
  }

  /** Everything that is left. */
  rest(): Buffer {
    const rest = this.#bytes.subarray(this.#at);
    this.#at = this.#bytes.length;
    return rest;
  }
}

export function wireString(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content as Uint8Array);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

export function wireUint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function wireUint64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

/** A positive number, given in network order: no leading zeros, but one where the first bit would make it negative. */
export function wireMpint(magnitude: Uint8Array): Buffer {
  const start = magnitude.findIndex((byte) => byte !== 0);
  const bytes = start < 0 ? new Uint8Array() : magnitude.subarray(start);
  return wireString((bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes);
}
