/// <reference types="@cloudflare/vitest-plugin/types" />

declare namespace Cloudflare {
  /** What the tests of the buckets are bound to. */
  interface Env {
    BUCKETS: DurableObjectNamespace<import("../bucket.ts").Bucket>;
  }
}
