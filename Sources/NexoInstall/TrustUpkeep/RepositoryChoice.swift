import FileSystem
import SigstoreTrust
import WireCoding

/// Which repository a `nexo trust` command is about.
public struct RepositoryChoice: Sendable {
  public var configFolder: String
  public var isJSON = false
  public var isStaging = false
  /// Path of root metadata to begin with.
  public var root: String?
  public var mirror: String?
  public var isForced = false

  public init(configFolder: String) { self.configFolder = configFolder }

  /// The flags, then, for an update, cosign's variables, then the configuration; Sigstore's production instance where none of them says
  /// anything.
  ///
  /// - Parameter asksNetwork: whether the address will be used; where it is not, a repository may lack one.
  func repository(_ context: InstallContext, asksNetwork: Bool) throws(InstallFailure) -> TrustRepository {
    func variable(_ name: String) -> String? {
      asksNetwork ? context.environment[name].flatMap { $0.isEmpty ? nil : $0 } : nil
    }
    let configured = try TrustSettings.load(configFolder: configFolder)
    let isChosen = isStaging || root != nil
    let mirror = self.mirror ?? variable("TUF_MIRROR") ?? (isChosen ? nil : configured.mirror)
    var bytes: [UInt8]?
    if let path = root ?? (isStaging ? nil : variable("TUF_ROOT_JSON")) {
      bytes = try Self.read(path)
    } else if !isStaging, self.mirror == nil, variable("TUF_MIRROR") == nil {
      bytes = configured.root
    }
    let instance: TrustedRoot.Instance = isStaging ? .staging : .production
    let own = TrustRepository(instance, mirror: mirror)
    // A root of the chain that is embedded begins the same repository.
    guard let bytes, !own.roots.contains(bytes) else { return own }
    guard !isStaging else {
      throw InstallFailure(.flagsConflict, "--staging and --root are mutually exclusive")
    }
    guard mirror != nil || !asksNetwork else {
      throw InstallFailure(.usage, "--root needs --mirror: the address of the repository that it begins")
    }
    do throws(MetadataFailure) { return try TrustRepository(root: bytes, mirror: mirror ?? "") } catch {
      throw InstallFailure(trust: error, "the root to begin with")
    }
  }

  private static func read(_ path: String) throws(InstallFailure) -> [UInt8] {
    do throws(SystemError) { return try InputFile.read(path: path, limit: MetadataLimits.root) } catch {
      throw InstallFailure(.adminIo, "cannot read \(path): \(error.text)")
    }
  }
}
