import type { CapnpValue } from "./capnp.ts";
import type { LayerConfig } from "./platform-config.ts";

type Fields = { readonly [field: string]: CapnpValue | undefined };

/** A Worker of one module. All that it fetches goes to the service `outbound`. */
export function workerService(
  name: string,
  {
    code,
    layer,
    bindings = [],
    outbound,
    ...more
  }: {
    code: string;
    layer: Pick<LayerConfig, "compatibility"> & Partial<LayerConfig>;
    bindings?: readonly CapnpValue[];
    outbound: string;
  } & Fields,
): CapnpValue {
  return {
    name,
    worker: {
      modules: [{ name: `${name}.js`, esModule: code }],
      ...layer.compatibility,
      bindings: [...(layer.bindings ?? []), ...bindings],
      globalOutbound: outbound,
      ...more,
    },
  };
}

/** Durable Objects of one class, on disk. The key is part of the names of their files: it must not change. */
export function objects(className: string, uniqueKey: string, disk: string): Fields {
  return {
    durableObjectNamespaces: [{ className, uniqueKey, enableSql: true }],
    durableObjectStorage: { localDisk: disk },
  };
}

/** A folder that Workers read, and write if it is not only an asset. */
export function diskService(name: string, path: string, options: { writable: boolean }): CapnpValue {
  return { name, disk: { path, ...options } };
}

/** A server of HTTP. Everything that is fetched from it goes there, whatever the URL says. */
export function serverService(name: string, url: URL): CapnpValue {
  const secure = url.protocol === "https:";
  const address = `${url.hostname}:${url.port || (secure ? 443 : 80)}`;
  if (!secure) return { name, external: { address, http: {} } };
  return {
    name,
    external: {
      address,
      https: { options: {}, tlsOptions: { trustBrowserCas: true }, certificateHost: url.hostname },
    },
  };
}

/** Another process of this system, at its address. */
export function peerService(name: string, address: string, link: Link): CapnpValue {
  return { name, external: { address, http: { ...rpcOptions(link), injectRequestHeaders: [link.header] } } };
}

/** A socket for the other processes of this system. */
export function peerSocket(name: string, address: string, service: CapnpValue, link: Link): CapnpValue {
  return { name, address, http: rpcOptions(link), service };
}

/** What the processes of a system know, and nobody else: who does not send it gets neither calls nor requests through. */
export type Link = { key: string; header: { name: string; value: string } };

/** Calls come over an HTTP connection to a host whose name is the key. */
function rpcOptions({ key }: Link): Fields {
  return { capnpConnectHost: `${key}:1` };
}
