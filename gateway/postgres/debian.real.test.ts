import { describe } from "vitest";
import { DEBIAN_POSTGRES } from "../testing/real/postgres.ts";
import { externalConformance } from "./external-conformance.ts";

describe.skipIf(DEBIAN_POSTGRES === undefined)("Debian's package", () => {
  if (DEBIAN_POSTGRES !== undefined) externalConformance("Postgres over TLS", DEBIAN_POSTGRES, true);
});
