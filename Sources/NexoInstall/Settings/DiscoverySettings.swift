/// `<config>/plugins/discovery.yaml`: where plugins are looked for.
struct DiscoverySettings: Sendable {
  let searchPaths: [String]

  static func load(configFolder: String, interpolation: Interpolation) throws(InstallFailure) -> DiscoverySettings {
    guard let file = try YAMLFile("plugins/discovery.yaml", in: configFolder, interpolation) else {
      return DiscoverySettings(searchPaths: [])
    }
    try file.root.check(known: ["schema_version", "discovery"])
    guard let table = try file.root.table("discovery") else { return DiscoverySettings(searchPaths: []) }
    try table.check(known: ["search_paths", "disabled", "allowlist", "follow_symlinks"])
    _ = try table.texts("disabled")
    _ = try table.texts("allowlist")
    _ = try table.flag("follow_symlinks")
    var paths: [String] = []
    for path in try table.texts("search_paths") {
      do throws(Interpolation.Problem) {
        let expanded = try interpolation.expandVariables(path)
        guard !expanded.isEmpty else { throw Interpolation.Problem(text: "a search path is empty") }
        paths.append(Self.withoutLastSlashes(expanded))
      } catch { throw table.refuse(error.text) }
    }
    return DiscoverySettings(searchPaths: paths)
  }

  private static func withoutLastSlashes(_ path: String) -> String {
    guard let end = path.utf8.lastIndex(where: { $0 != UInt8(ascii: "/") }) else { return "/" }
    return String(path[...end])
  }
}
