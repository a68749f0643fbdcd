import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

/** The files of a certificate that is its own authority. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** Makes a certificate of `localhost` and 127.0.0.1 in a folder. */
export async function makeCertificate(folder: string): Promise<Certificate> {
  const files = { certificate: join(folder, "server.crt"), key: join(folder, "server.key") };
  await promisify(execFile)("openssl", [
    ...["req", "-x509", "-nodes", "-days", "2", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
    ...["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
    ...["-keyout", files.key, "-out", files.certificate],
  ]);
  return files;
}
