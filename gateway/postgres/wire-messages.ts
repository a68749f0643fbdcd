import type { Statement } from "./engine.ts";

/**
 * Builds frontend messages of Postgres' wire protocol. Many statements become one buffer: one way into the engine and
 * one out, however many there are.
 */
export class WireMessages {
  #buffer = Buffer.allocUnsafe(4_096);
  #length = 0;

  /** Parses a statement and keeps it under a name; the empty name only until the next one. */
  prepare(name: string, sql: string): this {
    return this.#message("P", () => this.#text(name).#text(sql).#int16(0));
  }

  /** Runs a prepared statement. After an error, the backend skips everything up to the next {@link sync}. */
  run(name: string, params: Statement["params"]): this {
    this.#message("B", () => {
      this.#text("").#text(name).#int16(0).#int16(params.length);
      for (const param of params) this.#parameter(param);
      this.#int16(0);
    });
    this.#message("D", () => this.#byte("P").#text(""));
    return this.#message("E", () => this.#text("").#int32(0));
  }

  /** Runs a statement without keeping it. */
  runOnce({ sql, params }: Statement): this {
    return this.prepare("", sql).run("", params);
  }

  /** Forgets a prepared statement, if there is one of that name. */
  forget(name: string): this {
    return this.#message("C", () => this.#byte("S").#text(name));
  }

  /** Ends a run of statements: outside a transaction block, commits them. */
  sync(): this {
    return this.#message("S", () => undefined);
  }

  /** The messages so far. */
  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  #message(type: string, body: () => void): this {
    this.#byte(type);
    const start = this.#length;
    this.#int32(0);
    body();
    this.#buffer.writeInt32BE(this.#length - start, start);
    return this;
  }

  #parameter(value: string | null): void {
    if (value === null) {
      this.#int32(-1);
      return;
    }
    const bytes = Buffer.byteLength(value);
    this.#int32(bytes);
    this.#reserve(bytes);
    this.#length += this.#buffer.write(value, this.#length, "utf8");
  }

  #text(value: string): this {
    this.#reserve(Buffer.byteLength(value) + 1);
    this.#length += this.#buffer.write(value, this.#length, "utf8");
    this.#length = this.#buffer.writeUInt8(0, this.#length);
    return this;
  }

  #byte(character: string): this {
    this.#reserve(1);
    this.#length = this.#buffer.writeUInt8(character.charCodeAt(0), this.#length);
    return this;
  }

  #int16(value: number): this {
    this.#reserve(2);
    this.#length = this.#buffer.writeUInt16BE(value, this.#length);
    return this;
  }

  #int32(value: number): this {
    this.#reserve(4);
    this.#length = this.#buffer.writeInt32BE(value, this.#length);
    return this;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + bytes));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
