import { perEnvironment } from "../../lib/environment.ts";
import { BucketAddress, bucketParts } from "../../schema/internal/bucket-address.ts";
import type { BucketNamespace, ConnectEnv } from "../connect/context.ts";
import ConnectService from "../connect/main.ts";
import { BUCKET_HEADER, type BucketPortRpc } from "./bucket-port.ts";

/** The bindings of connect beside the buckets, which are in other processes: a port for each server. */
type RoutedEnv = Omit<ConnectEnv, "BUCKETS"> & { [port: `PORT_${string}`]: BucketPortRpc | undefined };

/** Connect as the processes of API, logic and task run it: the same code, with the buckets behind the ports of their servers. */
export default class extends ConnectService {
  constructor(context: ExecutionContext, env: RoutedEnv) {
    super(context, withBuckets(env));
  }
}

const withBuckets = perEnvironment((env: RoutedEnv): ConnectEnv => ({ ...env, BUCKETS: routedBuckets(env) }));

/** Stands in for the namespace of Durable Objects: what is done with a bucket goes to its server's process. */
function routedBuckets(env: RoutedEnv): BucketNamespace {
  return {
    getByName(name) {
      const address = BucketAddress.parse(name);
      const port = env[`PORT_${bucketParts(address).serverId}`];
      if (port === undefined) throw new Error(`no process is known for ${address}`);
      return {
        deliver: (items) => port.deliver(address, items),
        register: () => port.register(address),
        fetch(request) {
          const headers = new Headers(request.headers);
          headers.set(BUCKET_HEADER, address);
          return port.fetch(new Request(request, { headers }));
        },
      };
    },
  };
}
