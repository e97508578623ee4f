/** Import direction of the house: shared <- agent | broker | rules <- store <- use cases <- adapters <- main, whatever the capability. */
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })

/** What rules may know of the platform: who asks, what is wrong, and the words for it. */
const GROUND = 'server/(platform/(caller|errors|reference|schema-faults|words)|database/tables/connection)\\.ts'
/** The server's doors to the outside, each by where it stands. */
const ADAPTERS = {
  http: 'server/([^/]+/[^/]+-routes\\.ts|platform/http/(?!audit-note)|accounts/session-cookie|chat/chat-embed|enrolment/install-commands)',
  mqtt: 'server/telemetry/device-gateway',
  channels: 'server/notifications/channels/',
  servicedesks: 'server/servicedesks/adapters/',
  inbox: 'server/mail/imap-inbox',
  'single-sign-on': 'server/accounts/single-sign-on',
}
/** Rules of a capability; the console has a page of that name, too. */
const RULES = 'server/(?!web/)[^/]+/rules/'
const anyOf = parts => `^(${parts.join('|')})`
/** Files that put the house together, and what only they may know. */
const TOP = ['server/(main|modules|routes)\\.ts', 'server/(web|cli)/', 'server/build']

module.exports = {
  forbidden: [
    rule('no-circular', 'a cycle hides who depends on whom', {}, { circular: true }),
    rule('shared-imports-nothing', 'the wire contract stands alone', { path: '^shared/' }, { path: '^(agent|broker|server|test)/' }),
    rule('agent-imports-shared', 'the agent is bundled for the device', { path: '^agent/' }, { path: '^(broker|server|test)/' }),
    rule('broker-imports-shared', 'the broker knows devices, not customers', { path: '^broker/' }, { path: '^(agent|server|test)/' }),
    rule(
      'rules-are-pure',
      'rules have no clock, SQL or I/O',
      { path: `^${RULES}` },
      { path: '^(agent|broker|server|test)/', pathNot: anyOf([RULES, GROUND]) },
    ),
    rule('rules-no-node', 'rules have no clock, SQL or I/O', { path: `^${RULES}` }, { dependencyTypes: ['core'] }),
    rule(
      'store-below',
      'SQL only',
      { path: '^server/([^/]+/store|database)/' },
      { path: '^(agent|broker|server|test)/', pathNot: anyOf([RULES, 'server/[^/]+/store/', 'server/database/', GROUND]) },
    ),
    rule(
      'use-cases-below',
      'use cases know no adapter',
      { path: '^server/', pathNot: anyOf([...Object.values(ADAPTERS), ...TOP]) },
      { path: anyOf(['agent/', 'broker/', 'test/', ...Object.values(ADAPTERS), ...TOP]) },
    ),
    ...Object.entries(ADAPTERS).map(([name, place]) =>
      rule(
        `adapter-${name}-alone`,
        'adapters never import one another',
        { path: `^${place}` },
        { path: anyOf(['agent/', 'broker/', 'test/', ...Object.values(ADAPTERS), ...TOP]), pathNot: `^${place}` },
      ),
    ),
    rule(
      'web-types-only',
      'the console imports types from shared only',
      { path: '^server/web/' },
      { path: '^(agent|broker|server/(?!web/)|test)' },
    ),
    rule('aedes-in-broker', 'one door', { pathNot: '^(broker|test)/' }, { path: 'node_modules/aedes' }),
    rule('mqtt-client-in-link', 'one uplink', { pathNot: '^(agent/link/|test/)' }, { path: 'node_modules/mqtt/' }),
    rule(
      'sqlite-in-database',
      'one file per program opens a database',
      { pathNot: '^(agent/link/spool|server/database/|test/)' },
      { path: '^(node:)?sqlite$' },
    ),
    rule(
      'broker-only-from-main',
      'the composition root wires the broker',
      { path: '^server/', pathNot: '^server/main' },
      { path: '^broker/' },
    ),
    rule('not-to-test', 'production code never imports tests', { path: '^(shared|agent|broker|server)/' }, { path: '^test/' }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(build|data)/' },
    parser: 'swc',
    tsPreCompilationDeps: false,
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
}
