import { z } from "zod";
import { ClientFrame } from "../../schema/wire/operation.ts";
import { ServerEvent } from "../../schema/wire/socket.ts";

/**
 * What goes over a socket, as one JSON Schema (2020-12). `$defs` has `ClientFrame`, `ServerFrame` and `ServerEvent`; the
 * schema itself matches a frame of either direction. Made from the schemas that parse the frames.
 */
export function socketSchema(): object {
  const { $defs: sent, ...client } = z.toJSONSchema(ClientFrame.meta({ title: "ClientFrame" }), {
    io: "input",
  });
  const { $defs: received, ...event } = z.toJSONSchema(ServerEvent.meta({ title: "ServerEvent" }), {
    io: "output",
  });
  const { $schema, ...clientFrame } = client;
  const { $schema: _, ...serverEvent } = event;
  return {
    $schema,
    title: "Frames of the socket (im.v1)",
    description:
      "A client sends one `ClientFrame` a text frame, or the bare text `ping`; the server sends a `ServerFrame`, or the bare text `pong`.",
    oneOf: [{ $ref: "#/$defs/ClientFrame" }, { $ref: "#/$defs/ServerFrame" }],
    $defs: {
      ...received,
      ...sent,
      ClientFrame: clientFrame,
      ServerEvent: serverEvent,
      ServerFrame: {
        title: "ServerFrame",
        type: "array",
        minItems: 1,
        items: { $ref: "#/$defs/ServerEvent" },
      },
    },
  };
}
