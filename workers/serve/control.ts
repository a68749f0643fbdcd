/** Task as a service binding with `service_binding_extra_handlers` reaches it. */
type Scheduled = { scheduled(event: { scheduledTime: Date; cron: string }): Promise<{ outcome: string }> };

/** Connect is bound when it runs in this process. */
type ControlEnv = { TASK: Scheduled; CONNECT?: Fetcher };

/** What the process that has started this one asks of API, logic and task, and of connect if that is here, too. */
export default {
  async fetch(request, { TASK, CONNECT }) {
    const { pathname } = new URL(request.url);
    if (pathname === "/health") return new Response("ok");
    if (pathname === "/end" && CONNECT !== undefined) return await CONNECT.fetch(request);
    if (pathname !== "/cron") return new Response(null, { status: 404 });
    const { outcome } = await TASK.scheduled({ scheduledTime: new Date(), cron: "* * * * *" });
    return new Response(outcome, { status: outcome === "ok" ? 200 : 500 });
  },
} satisfies ExportedHandler<ControlEnv>;
