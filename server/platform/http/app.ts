/** Builds the HTTP application: validation, login, problem documents. Routes are given by main; it does not listen. */
import compress from '@fastify/compress'
import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance, type FastifyRequest, type RawServerDefault } from 'fastify'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Compile } from 'typebox/compile'
import { Value } from 'typebox/value'
import type { TSchema } from 'typebox'
import { Problem } from '../../../shared/api/list.ts'
import { mustSeeEveryCustomer, roleMay, type Access, type Caller } from '../caller.ts'
import { DomainError } from '../errors.ts'
import type { ProblemSlug } from '../../../shared/api/problem-slugs.ts'
import { isProblemSlug, PROBLEMS } from './problems.ts'

export type App = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, TypeBoxTypeProvider>
/** A module of routes: registers them under /api/v1 with its own deps. */
export type Routes = (app: App) => void | Promise<void>

declare module 'fastify' {
  // oxlint-disable-next-line typescript/consistent-type-definitions -- only an interface can be merged
  interface FastifyContextConfig {
    /** Who may use the route; a route without it is refused at start. */
    access?: Access
    /** What it changes or tells concerns every customer: staff who look after some of them only are refused. */
    isForAll?: boolean
  }
  // oxlint-disable-next-line typescript/consistent-type-definitions -- only an interface can be merged
  interface FastifyRequest {
    caller: Caller | null
  }
  // oxlint-disable-next-line typescript/consistent-type-definitions -- only an interface can be merged
  interface FastifyInstance {
    /** Every route with who may use it, in the order of registration. */
    declaredRoutes: readonly DeclaredRoute[]
  }
}

/** `path` as it is registered, with `:name` for what varies. */
export type DeclaredRoute = { method: string; path: string; access: Access }

export type AppDeps = {
  log: FastifyBaseLogger
  version: string
  /** Finds the caller by bearer token or session cookie; null when there is none or it is not valid. */
  authenticate(credentials: { bearer: string | null; session: string | null; address: string }): Promise<Caller | null>
  /** Routes under /api/v1. */
  routes: readonly Routes[]
  /** Routes outside /api/v1: health, metrics, console, installer. */
  outside: readonly Routes[]
}

export const SESSION_COOKIE = 'kioskeeper_session'
const BODY_LIMIT_BYTES = 1024 * 1024

/** The caller of a route that is not public. */
export function callerOf(request: FastifyRequest): Caller {
  if (!request.caller) throw new DomainError('unauthenticated', 'unauthenticated', PROBLEMS.unauthenticated.about)
  return request.caller
}

type ProblemDocument = { type: string; title: string; status: number; detail: string; errors?: { path: string; message: string }[] }

function problem(
  slug: ProblemSlug,
  detail: string,
  errors: { path: string; message: string }[] = [],
  extra: Record<string, unknown> = {},
): ProblemDocument {
  const { status, title } = PROBLEMS[slug]
  return { type: `/problems/${slug}`, title, status, detail, ...(errors.length > 0 ? { errors } : {}), ...extra }
}

const STATUS_SLUGS: Record<number, ProblemSlug> = {
  404: 'not-found',
  413: 'too-large',
  415: 'unsupported-media-type',
  429: 'too-many-requests',
  503: 'unavailable',
}

function problemOf(error: unknown): ProblemDocument {
  if (error instanceof DomainError) return problem(error.slug, error.message, error.errors, error.extra)
  const known = error as {
    statusCode?: number
    message?: string
    validation?: { instancePath?: string; message?: string }[]
    validationContext?: string
  }
  if (known.validation) {
    const errors = known.validation
      .slice(0, 100)
      .map(fault => ({ path: `${known.validationContext ?? 'body'}${fault.instancePath ?? ''}`, message: fault.message ?? 'is wrong' }))
    return problem('invalid-input', PROBLEMS['invalid-input'].about, errors)
  }
  const status = known.statusCode ?? 500
  const slug = STATUS_SLUGS[status] ?? (status >= 400 && status < 500 ? 'invalid-input' : 'internal-error')
  return problem(slug, status < 500 ? (known.message ?? PROBLEMS[slug].about) : PROBLEMS[slug].about)
}

/** A cookie alone must not let another site act: unsafe requests by cookie have to come from our own pages. */
function isForeignOrigin(request: FastifyRequest): boolean {
  if (request.method === 'GET' || request.method === 'HEAD') return false
  const site = request.headers['sec-fetch-site']
  if (typeof site === 'string') return site !== 'same-origin' && site !== 'none'
  const { origin, host } = request.headers
  return typeof origin === 'string' && origin.replace(/^https?:\/\//, '') !== host
}

/** Checks a part of a request; text of addresses and queries becomes what the schema wants, bodies are taken as they are. */
export function makeValidator({ schema, httpPart }: { schema: TSchema; httpPart?: string | undefined }) {
  const check = Compile(schema)
  return (value: unknown) => {
    const converted = httpPart === 'body' ? value : Value.Convert(schema, Value.Default(schema, value))
    return check.Check(converted) ? { value: converted } : { error: [...check.Errors(converted)] as never }
  }
}

/** Builds the application with all its routes; the caller listens or injects. */
export async function makeApp(deps: AppDeps): Promise<App> {
  const app: App = Fastify({
    loggerInstance: deps.log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT_BYTES,
    forceCloseConnections: true,
    trustProxy: false,
    routerOptions: { maxParamLength: 200 },
  }).withTypeProvider<TypeBoxTypeProvider>()

  app.setValidatorCompiler<TSchema>(makeValidator)
  app.setErrorHandler((error, request, reply) => {
    const document = problemOf(error)
    if (document.status >= 500) request.log.error({ err: error, url: request.url, requestId: request.id }, 'request failed')
    if (document.status === 401) void reply.header('www-authenticate', 'Bearer')
    return reply.code(document.status).type('application/problem+json').send(document)
  })
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).type('application/problem+json').send(problem('not-found', PROBLEMS['not-found'].about)),
  )

  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Kioskeeper', version: deps.version },
      components: {
        securitySchemes: { bearer: { type: 'http', scheme: 'bearer' }, session: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE } },
      },
      security: [{ bearer: [] }, { session: [] }],
    },
    refResolver: { buildLocalReference: json => (typeof json['$id'] === 'string' ? json['$id'] : 'Schema') },
  })
  await app.register(compress, { threshold: 1024 })
  await app.register(cookie)
  await app.register(helmet, {
    contentSecurityPolicy: {
      directives: {
        defaultSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        upgradeInsecureRequests: null,
      },
    },
    // The console is served over plain HTTP on loopback too: HSTS there would lock the browser out.
    strictTransportSecurity: false,
  })
  await app.register(rateLimit, { global: false })
  app.addSchema(Problem)
  app.decorateRequest('caller', null)

  const declared: DeclaredRoute[] = []
  app.decorate('declaredRoutes', declared)
  app.addHook('onRoute', route => {
    if (route.method === 'HEAD' || route.method === 'OPTIONS') return
    const access = route.config?.access
    if (!access) throw new Error(`Route ${String(route.method)} ${route.url} does not say who may use it`)
    for (const method of [route.method].flat()) declared.push({ method, path: route.url, access })
  })
  app.addHook('onRequest', async request => {
    const { access, isForAll } = request.routeOptions.config
    if (!access || access === 'public') return
    const [scheme, bearer] = (request.headers.authorization ?? '').split(' ')
    const isBearer = scheme?.toLowerCase() === 'bearer' && bearer !== undefined
    const session = isBearer ? null : (request.cookies[SESSION_COOKIE] ?? null)
    if (session && isForeignOrigin(request)) throw new DomainError('forbidden', 'forbidden', 'The request came from another site.')
    request.caller = await deps.authenticate({ bearer: isBearer ? bearer : null, session, address: request.ip })
    if (!request.caller) throw new DomainError('unauthenticated', 'unauthenticated', PROBLEMS.unauthenticated.about)
    if (!roleMay(request.caller.role, access))
      throw new DomainError('forbidden', 'forbidden', `The role ${request.caller.role} may not do this.`)
    if (isForAll === true) mustSeeEveryCustomer(request.caller)
  })

  for (const routes of deps.outside) await app.register(async scope => routes(scope as unknown as App))
  await app.register(
    async scope => {
      for (const routes of deps.routes) await routes(scope)
    },
    { prefix: '/api/v1' },
  )
  app.get('/api/openapi.json', { config: { access: 'public' }, schema: { hide: true } }, () => app.swagger())
  app.get('/problems/:slug', { config: { access: 'public' }, schema: { hide: true } }, (request, reply) => {
    const { slug } = request.params as { slug: string }
    if (!isProblemSlug(slug)) return reply.callNotFound()
    return reply.send({ type: `/problems/${slug}`, ...PROBLEMS[slug] })
  })
  await app.ready()
  return app
}
