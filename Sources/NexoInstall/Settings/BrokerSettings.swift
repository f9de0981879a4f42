/// `<config>/broker.yaml`: the daemon's broker. Only what an announcement needs is kept; the rest is checked for its type.
struct BrokerSettings: Sendable {
  enum Kind: String, Sendable, CaseIterable {
    case local, nats
    case stdioBridge = "stdio_bridge"
  }

  let kind: Kind
  /// One address, or several separated by commas.
  let url: String
  /// Path of the file with the nkey seed, where the settings ask for it.
  let nkeySeedFile: String?

  /// Nil where there is no such file.
  static func load(configFolder: String, interpolation: Interpolation) throws(InstallFailure) -> BrokerSettings? {
    guard let file = try YAMLFile("broker.yaml", in: configFolder, interpolation) else { return nil }
    try file.root.check(known: ["schema_version", "broker"])
    guard let table = try file.root.table("broker") else { throw file.root.refuse("there is no `broker`") }
    try table.check(known: ["type", "url", "auth", "persistence", "limits", "fallback"])
    guard let name = try table.text("type") else { throw table.refuse("broker.type is missing") }
    guard let kind = Kind(rawValue: name) else {
      throw table.refuse(
        "broker.type is `\(name)`, not one of \(Kind.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    let url = try table.text("url")
    guard kind != .nats || url?.isEmpty == false else { throw table.refuse("broker.url is missing") }
    try checkTheRest(table)
    return BrokerSettings(kind: kind, url: url ?? "", nkeySeedFile: try seedFile(table))
  }

  private static func seedFile(_ table: YAMLTable) throws(InstallFailure) -> String? {
    guard let auth = try table.table("auth") else { return nil }
    try auth.check(known: ["enabled", "nkey_file"])
    let path = try auth.text("nkey_file")
    return try auth.flag("enabled") == true ? path : nil
  }

  private static func checkTheRest(_ table: YAMLTable) throws(InstallFailure) {
    if let persistence = try table.table("persistence") {
      try persistence.check(known: ["enabled", "path"])
      _ = try persistence.flag("enabled")
      _ = try persistence.text("path")
    }
    if let limits = try table.table("limits") {
      try limits.check(known: ["max_payload", "max_pending"])
      _ = try limits.text("max_payload")
      _ = try limits.number("max_pending")
    }
    if let fallback = try table.table("fallback") {
      try fallback.check(known: ["mode", "drain_on_reconnect"])
      _ = try fallback.text("mode")
      _ = try fallback.flag("drain_on_reconnect")
    }
  }
}
