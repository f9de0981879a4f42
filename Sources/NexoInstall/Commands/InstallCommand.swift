import FulcioCert
import SigstoreVerify
import VerdictReport
import WireCoding

/// What `plugin install` was asked for.
public struct InstallOptions: Sendable {
  public var coordinates: String
  public var configFolder: String
  public var destination: String?
  public var target: String?
  public var requireSignature = false
  public var skipSignatureVerify = false
  public var isJSON = false
  /// A folder with the release's assets, instead of the network.
  public var from: String?
  public var trust = TrustFlags()
  public var log = LogFlags()

  public init(coordinates: String, configFolder: String) {
    self.coordinates = coordinates
    self.configFolder = configFolder
  }

  func flag() throws(InstallFailure) -> TrustFlag {
    guard !(requireSignature && skipSignatureVerify) else {
      throw InstallFailure(
        .flagsConflict, "--require-signature and --skip-signature-verify are mutually exclusive")
    }
    return requireSignature ? .require : skipSignatureVerify ? .skip : .none
  }
}

/// `plugin install <owner>/<repo>[@<tag>]`.
public enum InstallCommand {
  /// - Returns: the exit status: 0 if the plugin is there, 1 for every reported error, 2 for bad use.
  public static func run(_ options: InstallOptions, in context: InstallContext) -> Int32 {
    let reporter = Reporter(context, isJSON: options.isJSON)
    var installer: Installer?
    do throws(InstallFailure) {
      let flag = try options.flag()
      // Before anything touches the disk or the network.
      let coordinates = try Coordinates(options.coordinates)
      var settings = try Settings(
        context, configFolder: options.configFolder, trust: options.trust,
        log: options.log.offline(options.from))
      settings.refreshed = try TrustUpkeep.updateIfAsked(settings, reporter, context)
      settings.trustedKeys.warnings.forEach(reporter.warn)
      let target = try Target.choose(flag: options.target, environment: context.environment)
      let destination = settings.destination(flag: options.destination, reporter)
      let source = try source(options.from, context)
      let made = Installer(context, reporter, settings, source)
      installer = made
      reporter.step("Resolving \(coordinates.text) (target: \(target.name))")
      let found = try made.find(coordinates, target)
      let outcome = try made.install(
        .init(coordinates: coordinates, target: target, flag: flag, destination: destination), found)
      return report(outcome, made)
    } catch {
      return reporter.fail(error, verification: installer?.verification)
    }
  }

  static func source(_ folder: String?, _ context: InstallContext) throws(InstallFailure) -> any ReleaseSource {
    if let folder { return try FolderRelease(path: folder, isCancelled: context.isCancelled) }
    return try GitHubReleases(environment: context.environment, isCancelled: context.isCancelled)
  }

  /// - Parameter more: what an upgrade has to add.
  static func report(
    _ outcome: Installer.Outcome, _ installer: Installer, more: [(String, JSONOutput)] = []
  ) -> Int32 {
    let reporter = installer.reporter
    if outcome.wasAlreadyPresent {
      reporter.success(
        "\(outcome.id.text)@\(outcome.version.text) already installed at \(outcome.folder) — nothing to do")
    } else {
      reporter.success("Plugin installed at \(outcome.folder)")
    }
    let isEmitted = Announcing(settings: installer.settings, reporter: reporter).announce(
      LifecycleEvent(
        id: outcome.id, version: outcome.version.text, pluginFolder: outcome.folder,
        change: .installed(wasAlreadyPresent: outcome.wasAlreadyPresent)))
    if !outcome.wasAlreadyPresent {
      if isEmitted {
        reporter.success("Lifecycle event emitted (broker)")
      } else {
        reporter.line("! Lifecycle event not emitted (broker offline or non-NATS)")
      }
    }
    return reporter.finish(fields(outcome, isEmitted: isEmitted) + more + ours(outcome, installer))
  }

  private static func fields(_ outcome: Installer.Outcome, isEmitted: Bool) -> [(String, JSONOutput)] {
    var fields: [(String, JSONOutput)] = [
      ("ok", .bool(true)), ("id", .text(outcome.id.text)), ("version", .text(outcome.version.text)),
      ("target", .text(outcome.target)), ("plugin_dir", .text(outcome.folder)),
      ("binary_path", .text("\(outcome.folder)/bin/\(outcome.id.text)")), ("sha256", .text(outcome.sha256)),
      ("size_bytes", .number(outcome.size)), ("was_already_present", .bool(outcome.wasAlreadyPresent)),
      ("lifecycle_event_emitted", .bool(isEmitted)), ("signature_verified", .bool(outcome.signature != nil)),
    ]
    if let signature = outcome.signature {
      fields.append(("signature_identity", .text(signature.signer.subject.text)))
      fields.append(("signature_issuer", .text(signature.signer.issuer)))
    }
    fields.append(("trust_mode", .text(outcome.mode.rawValue)))
    if let owner = outcome.matchedOwner { fields.append(("trust_policy_matched", .text(owner))) }
    return fields
  }

  private static func ours(_ outcome: Installer.Outcome, _ installer: Installer) -> [(String, JSONOutput)] {
    var fields: [(String, JSONOutput)] = []
    if let wanted = outcome.minimumNexoVersion { fields.append(("min_nexo_version", .text(wanted))) }
    if let verification = installer.verification { fields.append(("verification", verification)) }
    return fields
  }
}
