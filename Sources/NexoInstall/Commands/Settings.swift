import FileSystem
import Glibc
import SigstoreBundle
import SigstoreTrust
import SigstoreVerify
import TrustStore
import WireCoding

/// What the flags of a command say of a transparency log that may be asked for what a release lacks.
public struct LogFlags: Sendable {
  /// No log is asked.
  public var isOffline: Bool
  /// Nil for the public one.
  public var address: String?
  /// A promise of the log does not do.
  public var requiresInclusionProof: Bool

  public init(isOffline: Bool = false, address: String? = nil, requiresInclusionProof: Bool = false) {
    self.isOffline = isOffline
    self.address = address
    self.requiresInclusionProof = requiresInclusionProof
  }

  /// A host that takes its release from a folder has no network to ask.
  func offline(_ folder: String?) -> LogFlags {
    var flags = self
    flags.isOffline = isOffline || folder != nil
    return flags
  }
}

/// What the flags of a command say of the trusted root.
public struct TrustFlags: Sendable {
  /// A `trusted_root.json` of the operator's own.
  public var rootFile: String?
  /// In days.
  public var maximumAge: Int?
  /// Refresh what is kept before it is used.
  public var updates = false

  public init(rootFile: String? = nil, maximumAge: Int? = nil, updates: Bool = false) {
    self.rootFile = rootFile
    self.maximumAge = maximumAge
    self.updates = updates
  }
}

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
  let trust: TrustSettings
  let denied: [DenyRule]
  /// What the flags say of the trusted root.
  let trustFlags: TrustFlags
  /// What `--update` has fetched just now.
  var refreshed: VerifiedPack?
  /// What the flags say of a log that may be asked.
  let log: LogFlags
  private let location: TrustLocation

  public static let defaultConfigFolder = "./config"
  /// In bytes, of a trusted_root.json.
  static let rootLimit = 8 << 20

  init(
    _ context: InstallContext, configFolder: String, trust flags: TrustFlags = TrustFlags(),
    log: LogFlags = LogFlags(isOffline: true), readsTrustedKeys: Bool = true
  ) throws(InstallFailure) {
    // A folder that was named and is not there is a typing error: without its policy, everything would be let in.
    guard configFolder == Self.defaultConfigFolder || access(configFolder, F_OK) == 0 else {
      throw InstallFailure(.configLoad, "failed to load config from \(configFolder): \(SystemError(errno).text)")
    }
    let interpolation = Interpolation(environment: context.environment, currentFolder: context.currentFolder)
    self.configFolder = configFolder
    trustFlags = flags
    self.log = log
    denied = try DeniedList.load(configFolder: configFolder)
    trust = try TrustSettings.load(configFolder: configFolder)
    location = TrustLocation(environment: context.environment)
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

  /// To try a release: nothing of the configuration but whose trusted root it names.
  init(
    trying keys: TrustedKeys, _ context: InstallContext, configFolder: String, trust flags: TrustFlags,
    log: LogFlags = LogFlags(isOffline: true), denied: [DenyRule] = []
  ) throws(InstallFailure) {
    self.configFolder = configFolder
    self.log = log
    self.denied = denied
    trustFlags = flags
    trust = try TrustSettings.load(configFolder: configFolder)
    location = TrustLocation(environment: context.environment)
    searchPaths = []
    fallback = nil
    broker = nil
    stateFolder = ""
    trustedKeys = keys
  }

  /// In days: the stricter of flag and configuration.
  var maximumTrustAge: Int? { [trustFlags.maximumAge, trust.maximumAge].compactMap { $0 }.min() }

  /// Whose trusted root is kept up to date: the configuration's repository, else Sigstore's own.
  func repository() throws(InstallFailure) -> TrustRepository {
    guard let root = trust.root, let mirror = trust.mirror else {
      return TrustRepository(.production, mirror: trust.mirror)
    }
    do throws(MetadataFailure) { return try TrustRepository(root: root, mirror: mirror) } catch {
      throw InstallFailure(trust: error, "the root that trust.toml names")
    }
  }

  /// The flag's file, else the configuration's, else what is kept of the repository, else the embedded root.
  func trustedRoot(_ reporter: Reporter, at now: UnixTime) throws(InstallFailure) -> TrustedRoot {
    let root = try readTrustedRoot(reporter)
    if let end = root.freshUntil, end <= now {
      reporter.warn(
        "the trusted root's metadata expired \(end.rfc3339); `nexo trust update` refreshes it (trust.stale)")
    }
    return root
  }

  private func readTrustedRoot(_ reporter: Reporter) throws(InstallFailure) -> TrustedRoot {
    let path = trustFlags.rootFile ?? "\(configFolder)/extensions/trusted_root.json"
    do {
      if trustFlags.rootFile != nil {
        return try TrustedRoot(parsing: try InputFile.read(path: path, limit: Self.rootLimit))
      }
      if let bytes = try InputFile.readIfPresent(path: path, limit: Self.rootLimit) {
        return try TrustedRoot(parsing: bytes)
      }
    } catch let error as SystemError {
      throw InstallFailure(.verifyIo, "verify io error: read trusted root \(path): \(error.text)")
    } catch let error as BundleFailure {
      throw InstallFailure(
        .verifyIo, "verify io error: read trusted root \(path): \(error.code.meaning)", reason: error.code.rawValue)
    } catch { throw InstallFailure(.verifyIo, "verify io error: read trusted root") }
    let repository = try repository()
    do throws(MetadataFailure) {
      if let refreshed { return try BelievedRoot.root(refreshed, of: repository) }
      let believed = try BelievedRoot(repository, in: location)
      if let note = believed.note { reporter.warn(note) }
      return believed.root
    } catch { throw InstallFailure(trust: error, "the trusted root of \(repository.name)") }
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
