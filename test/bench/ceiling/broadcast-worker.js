import { DurableObject } from "cloudflare:workers";

/** The minimum of a hibernating Durable Object for a group: it sends every frame to all its sockets. */
export class Room extends DurableObject {
  fetch() {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  webSocketMessage(_socket, frame) {
    for (const socket of this.ctx.getWebSockets()) socket.send(frame);
  }
}

export default {
  fetch(request, env) {
    return env.ROOMS.getByName("room").fetch(request);
  },
};
