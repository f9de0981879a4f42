import VerdictReport

/// `plugin list`: what is installed under the search paths.
public enum ListCommand {
  public static func run(
    configFolder: String, includesOrphans: Bool, isJSON: Bool, in context: InstallContext
  ) -> Int32 {
    let reporter = Reporter(context, isJSON: isJSON)
    do throws(InstallFailure) {
      let settings = try Settings(context, configFolder: configFolder, readsTrustedKeys: false)
      let plugins = try PluginStore(searchPaths: settings.searchPaths).plugins().filter {
        includesOrphans || !$0.isOrphan
      }
      for plugin in plugins {
        if let problem = plugin.recordProblem { reporter.warn("\(plugin.path)/\(InstallRecord.name): \(problem)") }
      }
      if plugins.isEmpty {
        reporter.line("(no plugins installed under \(settings.searchPaths.count) configured search path(s))")
      } else {
        reporter.table(table(plugins))
      }
      return reporter.finish([("ok", .bool(true)), ("plugins", .array(plugins.map(object)))])
    } catch { return reporter.fail(error) }
  }

  private static func table(_ plugins: [InstalledPlugin]) -> [String] {
    var rows = [["ID", "VERSION", "TARGET", "TAG", "INSTALLED_AT"]]
    rows += plugins.map {
      [
        $0.manifest.id.text, $0.manifest.version.text, $0.record?.target ?? "-", $0.record?.tag ?? "-",
        ($0.record?.installedAt ?? "-") + ($0.isOrphan ? "  (orphan)" : ""),
      ].map { Terminal.value($0) }
    }
    let widths = (0..<4).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ") + "  " + row[4]
    }
  }

  private static func object(_ plugin: InstalledPlugin) -> JSONOutput {
    var fields: [(String, JSONOutput)] = [
      ("id", .text(plugin.manifest.id.text)), ("version", .text(plugin.manifest.version.text)),
      ("plugin_dir", .text(plugin.path)), ("is_orphan", .bool(plugin.isOrphan)),
    ]
    if let record = plugin.record {
      fields += [
        ("target", .text(record.target)), ("tag", .text(record.tag)), ("owner", .text(record.owner)),
        ("repo", .text(record.repository)), ("sha256", .text(record.sha256)),
        ("installed_at", .text(record.installedAt)), ("source", .text(record.source)),
        ("signature_verified", .bool(record.wasVerified)),
      ]
    }
    return .object(fields)
  }
}
