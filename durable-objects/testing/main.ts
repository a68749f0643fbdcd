import { WorkerEntrypoint } from "cloudflare:workers";
import type { BucketMember, ReadMarker, Submission } from "../../lib/rpc/logic.ts";
import type { BucketAddress } from "../../schema/internal/bucket-address.ts";
import type { UserId } from "../../schema/wire/ids.ts";
import { logic } from "./logic.ts";

export { Bucket } from "../bucket.ts";

/** The Worker that the tests bind as `LOGIC`: each call goes to what the test has set up. */
export class TestLogic extends WorkerEntrypoint {
  submit(batch: Submission[]) {
    return logic.submit(batch);
  }

  read(markers: ReadMarker[]) {
    return logic.read(markers);
  }

  arrive(address: BucketAddress, userIds: UserId[]) {
    return logic.arrive(address, userIds);
  }

  depart(address: BucketAddress, members: BucketMember[], emptyGroupIds: string[]) {
    return logic.depart(address, members, emptyGroupIds);
  }

  renew(address: BucketAddress, sockets: number) {
    return logic.renew(address, sockets);
  }

  register(address: BucketAddress, members: BucketMember[], sockets: number) {
    return logic.register(address, members, sockets);
  }

  release(address: BucketAddress) {
    return logic.release(address);
  }
}

export default {
  fetch: () => new Response("not found", { status: 404 }),
};
