/** Import direction of the house. The floors of the server come from architecture/floors.ts; what holds inside of a module stands here. */
const { FLOORS } = require('./architecture/floors.ts')

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })
const anyOf = parts => `^(${parts.join('|')})`
const foldersOf = floors => floors.flatMap(floor => Object.keys(floor.modules))
const inServer = folders => `^server/(${folders.join('|')})/`

/** Files that put the server together, and what only they may know. */
const TOP = 'server/([^/]+\\.ts$|cli/)'
/** Rules of a module; the console has a page of that name, too. */
const RULES = 'server/(?!web/)[^/]+/rules/'
const STORE = 'server/(?!web/)[^/]+/store/'
/** What rules may know of the platform: who asks, what is wrong, and the words for it. */
const WORDS = 'server/platform/(caller|errors|reference|schema-faults|words)\\.ts$'
/** The server's doors to the outside: made by the files at the top, known to nobody else. */
const DOORS = {
  routes: 'server/(?!web/)[^/]+/.*-routes\\.ts$',
  'device-link': 'server/telemetry/device-gateway',
  channels: 'server/notifications/channels/',
  servicedesks: 'server/servicedesks/adapters/',
  inbox: 'server/mail/imap-inbox',
  'single-sign-on': 'server/accounts/single-sign-on',
}

const floorRules = FLOORS.flatMap((floor, index) => {
  const own = Object.keys(floor.modules)
  const higher = foldersOf(FLOORS.slice(index + 1))
  return [
    rule(
      `floor-${floor.name.replace(' ', '-')}`,
      'a module imports only modules of lower floors',
      { path: inServer(own) },
      { path: anyOf([...higher.map(folder => `server/${folder}/`), TOP, 'server/web/']) },
    ),
    ...(own.length < 2
      ? []
      : [
          rule(
            `floor-${floor.name.replace(' ', '-')}-apart`,
            'modules of one floor do not know each other',
            { path: inServer(own) },
            { path: inServer(own), pathNot: '^server/$1/' },
          ),
        ]),
  ]
})

module.exports = {
  forbidden: [
    rule('no-circular', 'a cycle hides who depends on whom', {}, { circular: true }),
    rule('shared-imports-nothing', 'the wire contract stands alone', { path: '^shared/' }, { path: '^(agent|broker|server|test)/' }),
    rule('agent-imports-shared', 'the agent is bundled for the device', { path: '^agent/' }, { path: '^(broker|server|test)/' }),
    rule(
      'agent-without-words',
      'the memory of a device holds no words about signals: of them the agent knows the types, and which cause comes first',
      { path: '^agent/' },
      { path: '^shared/signals/', pathNot: '^shared/signals/causes\\.ts$', dependencyTypesNot: ['type-only'] },
    ),
    rule('broker-imports-shared', 'the broker knows devices, not customers', { path: '^broker/' }, { path: '^(agent|server|test)/' }),
    rule(
      'server-without-agent',
      'the server meets the agent on the wire; the command line runs either',
      { path: '^server/', pathNot: '^server/cli/' },
      { path: '^agent/' },
    ),
    rule(
      'broker-only-from-main',
      'the composition root wires the broker',
      { path: '^server/', pathNot: '^server/main\\.ts$' },
      { path: '^broker/' },
    ),
    ...floorRules,
    rule(
      'rules-are-pure',
      'rules are decided by their arguments: no SQL, no use case, no I/O',
      { path: `^${RULES}` },
      { path: '^server/', pathNot: anyOf([RULES, WORDS]) },
    ),
    rule(
      'rules-no-packages',
      'rules have no database, server or files',
      { path: `^${RULES}` },
      { path: 'node_modules/(kysely|pg|fastify|@fastify|pino)/' },
    ),
    rule('rules-no-node', 'rules have no clock and no I/O', { path: `^${RULES}` }, { dependencyTypes: ['core'] }),
    rule(
      'store-below',
      'a store is SQL: no use case, no door',
      { path: `^${STORE}` },
      { path: '^server/', pathNot: anyOf([RULES, STORE, 'server/database/', 'server/platform/[^/]+\\.ts$']) },
    ),
    rule(
      'routes-no-foreign-store',
      'routes go through use cases; rows of another module are not theirs',
      { path: '^server/(?!web/)([^/]+)/.*-routes\\.ts$' },
      { path: `^${STORE}`, pathNot: '^server/$1/' },
    ),
    rule(
      'routes-own-use-cases',
      'routes run use cases of their own module; of others they know types, rules and what is written for routes',
      { path: '^server/(?!web/)([^/]+)/.*-routes\\.ts$' },
      {
        path: '^server/',
        pathNot: anyOf(['server/($1|platform|database)/', RULES, 'server/attachments/attachment-http\\.ts$']),
        dependencyTypesNot: ['type-only'],
      },
    ),
    rule(
      'doors-from-the-top',
      'use cases know no door: they are wired at the top',
      { path: '^server/', pathNot: anyOf([...Object.values(DOORS), TOP, 'server/web/']) },
      { path: anyOf(Object.values(DOORS)) },
    ),
    ...Object.entries(DOORS).map(([name, place]) =>
      rule(
        `door-${name}-alone`,
        'doors never import one another',
        { path: `^${place}` },
        { path: anyOf(Object.values(DOORS)), pathNot: `^${place}` },
      ),
    ),
    rule(
      'web-imports-shared',
      'the console is bundled for the browser',
      { path: '^server/web/' },
      { path: '^(agent|broker|server/(?!web/)|test)' },
    ),
    rule('aedes-in-broker', 'one door', { pathNot: '^(broker|test)/' }, { path: 'node_modules/aedes' }),
    rule('mqtt-in-uplink', 'one uplink', { pathNot: '^(agent/link/|test/)' }, { path: 'node_modules/mqtt/' }),
    rule(
      'sqlite-in-database',
      'one file per program opens a database',
      { pathNot: '^(agent/link/spool|server/database/|test/)' },
      { path: '^(node:)?sqlite$' },
    ),
    rule(
      'kysely-in-store',
      'SQL stands in store/ and database/',
      { path: '^(agent|broker|server|shared)/', pathNot: anyOf([STORE, 'server/database/']) },
      { path: 'node_modules/(kysely|pg)/' },
    ),
    rule(
      'migrations-alone',
      'what a migration did is history: nothing it runs may change later',
      { path: '^server/database/migrations/' },
      { path: '^(shared|agent|broker|test|server/(?!database/))/' },
    ),
    rule('not-to-test', 'production code never imports tests', { path: '^(shared|agent|broker|server)/' }, { path: '^test/' }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(build|data)/' },
    parser: 'swc',
    // Types count: what a module may know is what it may name.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
}
