/** Import direction of the house: shared <- agent | broker | domain <- store <- services <- adapters <- main. */
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })
module.exports = {
  forbidden: [
    rule('no-circular', 'a cycle hides who depends on whom', {}, { circular: true }),
    rule('shared-imports-nothing', 'the wire contract stands alone', { path: '^shared/' }, { path: '^(agent|broker|server|test)/' }),
    rule('agent-imports-shared', 'the agent is bundled for the device', { path: '^agent/' }, { path: '^(broker|server|test)/' }),
    rule('broker-imports-shared', 'the broker knows devices, not customers', { path: '^broker/' }, { path: '^(agent|server|test)/' }),
    rule(
      'domain-is-pure',
      'rules have no clock, SQL or I/O',
      { path: '^server/domain/' },
      { path: '^(agent|broker|server/(?!domain/)|test)' },
    ),
    rule('domain-no-node', 'rules have no clock, SQL or I/O', { path: '^server/domain/' }, { dependencyTypes: ['core'] }),
    rule(
      'store-below',
      'SQL only',
      { path: '^server/database/' },
      { path: '^(agent|broker|server/(services|mqtt|http|notify|integrations|web|cli|main)|test)' },
    ),
    rule(
      'services-below',
      'use cases know no adapter',
      { path: '^server/services/' },
      { path: '^(agent|broker|server/(mqtt|http|notify|integrations|web|cli|main)|test)' },
    ),
    ...['mqtt', 'http', 'notify', 'integrations'].map(name =>
      rule(
        `adapter-${name}-alone`,
        'adapters never import one another',
        { path: `^server/${name}/` },
        { path: `^(agent|broker|server/(?!(${name}|services|domain|store|config\\.ts))|test)` },
      ),
    ),
    rule(
      'web-types-only',
      'the console imports types from shared only',
      { path: '^server/web/' },
      { path: '^(agent|broker|server/(?!web/)|test)' },
    ),
    rule('aedes-in-broker', 'one door', { pathNot: '^(broker|test)/' }, { path: 'node_modules/aedes' }),
    rule('mqtt-client-in-link', 'one uplink', { pathNot: '^(agent/link|server/telemetry|test)/' }, { path: 'node_modules/mqtt/' }),
    rule(
      'sqlite-in-store',
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
    exclude: { path: '^(build|data|node_modules)/' },
    parser: 'swc',
    tsPreCompilationDeps: false,
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
}
