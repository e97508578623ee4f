/** Routes outside /api/v1: health, metrics, the installer and its downloads, the console. */
import { createReadStream, existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import { notFound } from '../platform/errors.ts'
import { PROBLEMS } from '../platform/http/problems.ts'
import type { App } from '../platform/http/app.ts'

const open = { access: 'public' } as const
type Platform = 'linux-x64' | 'linux-arm64'

export type OutsideDeps = {
  /** Null when store and broker work, else what does not. */
  notReady(): Promise<string | null>
  metrics: { text(): Promise<string>; contentType: string }
  refreshMetrics(): Promise<void>
  installer(): Promise<string>
  caPem: string | null
  downloads: {
    agentFile: string
    licenceFile: string
    library(platform: Platform): string
    runtime(platform: Platform): Promise<string | null>
  }
  /** Folder of the built console. */
  webFolder: string
}

/** Health, metrics, downloads and the console. */
export function outsideRoutes(deps: OutsideDeps) {
  return async (app: App): Promise<void> => {
    app.get('/healthz', { config: open, schema: { hide: true } }, () => ({ status: 'alive' }))
    app.get('/readyz', { config: open, schema: { hide: true } }, async (_request, reply) => {
      const fault = await deps.notReady()
      if (fault === null) return { status: 'ready' }
      return reply
        .code(503)
        .type('application/problem+json')
        .send({ type: '/problems/unavailable', title: PROBLEMS.unavailable.title, status: 503, detail: fault })
    })
    app.get('/metrics', { config: open, schema: { hide: true } }, async (_request, reply) => {
      await deps.refreshMetrics()
      return reply.type(deps.metrics.contentType).send(await deps.metrics.text())
    })
    app.get('/install.sh', { config: open, schema: { hide: true } }, async (_request, reply) =>
      reply.type('text/x-shellscript; charset=utf-8').send(await deps.installer()),
    )
    app.get('/download/ca.pem', { config: open, schema: { hide: true } }, (_request, reply) => {
      if (deps.caPem === null) throw notFound('certificate authority of our own')
      return reply.type('application/x-pem-file').send(deps.caPem)
    })
    const send = (reply: FastifyReply, file: string, type: string) =>
      reply.header('content-length', statSync(file).size).type(type).send(createReadStream(file))
    app.get('/download/agent/kioskeeper-agent.mjs', { config: open, schema: { hide: true } }, (_request, reply) =>
      send(reply as unknown as FastifyReply, deps.downloads.agentFile, 'text/javascript'),
    )
    const platform = { hide: true, params: Type.Object({ platform: Type.Enum(['linux-x64', 'linux-arm64']) }) } as const
    app.get('/download/runtime/LICENCE.txt', { config: open, schema: { hide: true } }, (_request, reply) =>
      send(reply as unknown as FastifyReply, deps.downloads.licenceFile, 'text/plain; charset=utf-8'),
    )
    app.get('/download/runtime/:platform/libatomic.so.1', { config: open, schema: platform }, (request, reply) =>
      send(reply, deps.downloads.library(request.params.platform), 'application/octet-stream'),
    )
    app.get('/download/runtime/:platform/node.gz', { config: open, schema: platform }, async (request, reply) => {
      const file = await deps.downloads.runtime(request.params.platform)
      if (file === null) throw notFound('runtime for this platform on this server')
      return send(reply, file, 'application/gzip')
    })

    if (!existsSync(join(deps.webFolder, 'index.html'))) return
    await app.register(fastifyStatic, { root: deps.webFolder, serve: false })
    // Built files carry a hash in their name and never change; the console routes by itself, so every page address gets the same document.
    for (const path of ['/', '/*']) {
      app.get(path, { config: open, schema: { hide: true } }, (request, reply) => {
        const address = request.url.split('?')[0] ?? '/'
        if (address.startsWith('/api/')) return reply.callNotFound()
        if (/\.[a-z0-9]{1,5}$/i.test(address) && address !== '/index.html')
          return reply.sendFile(address.slice(1), { maxAge: '1y', immutable: true })
        return reply.header('cache-control', 'no-cache').sendFile('index.html', { cacheControl: false })
      })
    }
  }
}
