import TOMLKit

/// The parts of `nexo-plugin.toml` that an installer needs. Sections and keys that it does not know are left alone: they are
/// the daemon's, and newer ones come with every version of it.
struct Manifest: Sendable, Hashable {
  static let name = "nexo-plugin.toml"
  /// In bytes. Real ones have a few KB.
  static let limit = 1 << 20

  let id: PluginID
  let version: SemanticVersion
  /// As written; see `VersionRequirement`.
  let minimumNexoVersion: String?
  let command: String?

  init(parsing bytes: [UInt8]) throws(ManifestProblem) {
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw ManifestProblem("manifest is not valid UTF-8", isText: false)
    }
    let table: TOMLTable
    do throws(TOMLDocument.Problem) {
      table = try TOMLDocument(parsing: bytes, limit: Self.limit).root
    } catch { throw ManifestProblem(error.text) }
    guard let plugin = table["plugin"]?.table else { throw ManifestProblem("there is no table [plugin]") }
    let id = try Self.text(plugin, "id")
    guard let checked = PluginID(id) else {
      throw ManifestProblem("plugin id `\(id)` is not of the form ^[a-z][a-z0-9_-]{0,63}$")
    }
    self.id = checked
    let version = try Self.text(plugin, "version")
    do throws(VersionProblem) { self.version = try SemanticVersion(version) } catch {
      throw ManifestProblem("version `\(version)` is no semantic version: \(error.text)")
    }
    minimumNexoVersion = plugin["min_nexo_version"]?.string
    command = plugin["entrypoint"]?.table?["command"]?.string
  }

  private static func text(_ table: TOMLTable, _ key: String) throws(ManifestProblem) -> String {
    guard let value = table[key] else { throw ManifestProblem("plugin.\(key) is missing") }
    guard let text = value.string else { throw ManifestProblem("plugin.\(key) is no text") }
    return text
  }

  /// What an operator should hear: a requirement that nobody can read, a command that is not in the tree.
  ///
  /// Whether the daemon that will run the plugin meets `min_nexo_version` is not known here, and not judged.
  func warnings(hasFile: (String) -> Bool) -> [String] {
    var list: [String] = []
    if let wanted = minimumNexoVersion {
      do throws(VersionProblem) { _ = try VersionRequirement(wanted) } catch {
        list.append("min_nexo_version `\(wanted)` of \(id.text) is no requirement: \(error.text)")
      }
    }
    // A bare name is looked up in PATH by the daemon, a path with a slash is taken from the plugin's folder.
    if let command, command.contains("/"), !command.hasPrefix("/"), !command.hasPrefix("$") {
      var path = Substring(command)
      while path.hasPrefix("./") { path = path.dropFirst(2) }
      if !hasFile(String(path)) { list.append("the manifest starts `\(command)`, which is not in the tarball") }
    }
    return list
  }
}

/// Why a manifest cannot be used.
struct ManifestProblem: Error, Hashable {
  let text: String
  /// False for bytes that are no text at all, which has a message of its own.
  let isText: Bool
  init(_ text: String, isText: Bool = true) {
    self.text = text
    self.isText = isText
  }
}
