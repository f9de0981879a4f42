import FileSystem
import Glibc
import SigstoreBundle
import SigstoreTrust
import WireCoding

/// All that the configuration says, read once for a command. Nothing of it is ever written.
public struct Settings: Sendable {
  let configFolder: String
  /// Where plugins are looked for.
  let searchPaths: [String]
  /// Set where the configuration names no search path, and the state folder stands in.
  let fallback: String?
  let broker: BrokerSettings?
  let trustedKeys: TrustedKeys
  let stateFolder: String
  /// The operator's own trusted root, by flag.
  let trustedRootFile: String?

  public static let defaultConfigFolder = "./config"
  /// In bytes.
  private static let rootLimit = 8 << 20

  init(
    _ context: InstallContext, configFolder: String, trustedRootFile: String? = nil, readsTrustedKeys: Bool = true
  ) throws(InstallFailure) {
    // A folder that was named and is not there is a typing error: without its policy, everything would be let in.
    guard configFolder == Self.defaultConfigFolder || access(configFolder, F_OK) == 0 else {
      throw InstallFailure(.configLoad, "failed to load config from \(configFolder): \(SystemError(errno).text)")
    }
    let interpolation = Interpolation(environment: context.environment, currentFolder: context.currentFolder)
    self.configFolder = configFolder
    self.trustedRootFile = trustedRootFile
    let discovery = try DiscoverySettings.load(configFolder: configFolder, interpolation: interpolation)
    broker = try BrokerSettings.load(configFolder: configFolder, interpolation: interpolation)
    stateFolder = Directories(environment: context.environment).state
    fallback = discovery.searchPaths.isEmpty ? "\(stateFolder)/plugins" : nil
    searchPaths = fallback.map { [$0] } ?? discovery.searchPaths
    trustedKeys =
      readsTrustedKeys
      ? try TrustedKeys.load(configFolder: configFolder)
      : TrustedKeys.absent(path: "\(configFolder)/extensions/trusted_keys.toml")
  }

  /// For `plugin check`: nothing of the configuration but, where there is one, its trusted root.
  init(trying keys: TrustedKeys, configFolder: String, trustedRootFile: String?) {
    self.configFolder = configFolder
    self.trustedRootFile = trustedRootFile
    searchPaths = []
    fallback = nil
    broker = nil
    stateFolder = ""
    trustedKeys = keys
  }

  /// The flag's file, else the configuration's, else the embedded root.
  func trustedRoot() throws(InstallFailure) -> TrustedRoot {
    let path = trustedRootFile ?? "\(configFolder)/extensions/trusted_root.json"
    do {
      if trustedRootFile != nil {
        return try TrustedRoot(parsing: try InputFile.read(path: path, limit: Self.rootLimit))
      }
      guard let bytes = try InputFile.readIfPresent(path: path, limit: Self.rootLimit) else {
        return try TrustedRoot.embedded(.production)
      }
      return try TrustedRoot(parsing: bytes)
    } catch let error as SystemError {
      throw InstallFailure(.verifyIo, "verify io error: read trusted root \(path): \(error.text)")
    } catch let error as BundleFailure {
      throw InstallFailure(
        .verifyIo, "verify io error: read trusted root \(path): \(error.code.meaning)", reason: error.code.rawValue)
    } catch { throw InstallFailure(.verifyIo, "verify io error: read trusted root") }
  }

  /// The destination of an install: the flag, else the first search path, which may be the fallback.
  func destination(flag: String?, _ reporter: Reporter) -> String {
    guard let flag else {
      if let fallback {
        reporter.warn("plugins.discovery.search_paths empty in config; defaulting to \(fallback)")
      }
      return searchPaths.first ?? stateFolder
    }
    var path = flag
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    if !searchPaths.contains(path) {
      reporter.warn(
        "\(path) is in no search path: `plugin list`, `upgrade` and `remove` will not find the plugin there")
    }
    return path
  }
}
