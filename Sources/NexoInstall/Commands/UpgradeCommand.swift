import FileSystem
import VerdictReport

/// What `plugin upgrade` was asked for.
public struct UpgradeOptions: Sendable {
  public var id: String
  public var configFolder: String
  public var target: String?
  public var requireSignature = false
  public var skipSignatureVerify = false
  public var isJSON = false
  public var from: String?
  public var trust = TrustFlags()
  public var log = LogFlags()

  public init(id: String, configFolder: String) {
    self.id = id
    self.configFolder = configFolder
  }

  fileprivate func flag() throws(InstallFailure) -> TrustFlag {
    var options = InstallOptions(coordinates: "", configFolder: configFolder)
    options.requireSignature = requireSignature
    options.skipSignatureVerify = skipSignatureVerify
    return try options.flag()
  }
}

/// `plugin upgrade <id>`: the release that the record names, again. A plugin that was installed by a tag stays on it.
public enum UpgradeCommand {
  public static func run(_ options: UpgradeOptions, in context: InstallContext) -> Int32 {
    let reporter = Reporter(context, isJSON: options.isJSON)
    var installer: Installer?
    do throws(InstallFailure) {
      let flag = try options.flag()
      var settings = try Settings(
        context, configFolder: options.configFolder, trust: options.trust, log: options.log.offline(options.from))
      settings.refreshed = try TrustUpkeep.updateIfAsked(settings, reporter, context)
      settings.trustedKeys.warnings.forEach(reporter.warn)
      let (current, record) = try current(options.id, settings)
      let coordinates = try Coordinates("\(record.owner)/\(record.repository)@\(record.tag)")
      let target = try Target.choose(
        flag: options.target, earlier: record.chosenTarget, environment: context.environment)
      let made = Installer(context, reporter, settings, try InstallCommand.source(options.from, context))
      installer = made
      let from = current.manifest.version
      reporter.step("Resolving \(coordinates.text) (current: \(from.text), target: \(target.name))")
      let found = try resolve(made, coordinates, target)
      guard found.id == current.manifest.id else {
        throw InstallFailure(
          .resolve, "resolve failed: \(coordinates.text) now holds plugin `\(found.id.text)`", cause: .releaseShape)
      }
      if found.release.version.precedes(from) {
        throw InstallFailure(
          .downgradeRefused,
          "refusing to downgrade plugin `\(options.id)` from \(from.text) to \(found.release.version.text); remove it, then install the version that you want"
        )
      }
      if found.release.version == from, found.checksum.hex == record.sha256 {
        reporter.success("Already on \(options.id) \(from.text) — nothing to do")
        return reporter.finish([
          ("ok", .bool(true)), ("id", .text(options.id)), ("from_version", .text(from.text)),
          ("to_version", .text(from.text)), ("plugin_dir", .text(current.path)), ("was_no_op", .bool(true)),
        ])
      }
      if found.release.version == from {
        reporter.warn("release `\(found.release.tag)` holds another tarball than the one that was installed")
      }
      reporter.step("Upgrading \(options.id) from \(from.text) to \(found.release.version.text)")
      let outcome = try made.install(
        .init(coordinates: coordinates, target: target, flag: flag, destination: current.root), found)
      removeSuperseded(current, by: outcome, reporter)
      return InstallCommand.report(
        outcome, made,
        more: [
          ("from_version", .text(from.text)), ("to_version", .text(outcome.version.text)), ("was_no_op", .bool(false)),
        ])
    } catch { return reporter.fail(error, verification: installer?.verification) }
  }

  private static func current(
    _ id: String, _ settings: Settings
  ) throws(InstallFailure) -> (InstalledPlugin, InstallRecord) {
    guard let checked = PluginID(id),
      let current = try PluginStore(searchPaths: settings.searchPaths).versions(of: checked).first
    else { throw .notInstalled(id) }
    if let record = current.record { return (current, record) }
    if let problem = current.recordProblem {
      throw InstallFailure(
        .metadataInvalid, "metadata at \(current.path)/\(InstallRecord.name) is malformed: \(problem)")
    }
    throw InstallFailure(
      .noInstallMetadata,
      "plugin `\(id)` has no .nexo-install.json metadata; reinstall with `plugin install` to enable upgrades")
  }

  private static func resolve(
    _ installer: Installer, _ coordinates: Coordinates, _ target: Target
  ) throws(InstallFailure) -> Installer.Found {
    do throws(InstallFailure) { return try installer.find(coordinates, target) } catch {
      guard error.kind != .interrupted else { throw error }
      throw InstallFailure(
        .resolve, "resolve failed: \(error.message)", reason: error.reason, expected: error.expected,
        presented: error.presented, hint: error.hint, available: error.available, cause: error.kind)
    }
  }

  /// The daemon takes the first folder that it finds for an id: an old version beside the new one could go on running.
  private static func removeSuperseded(_ old: InstalledPlugin, by new: Installer.Outcome, _ reporter: Reporter) {
    guard old.path != new.folder else { return }
    do throws(SystemError) {
      let root = try PluginRoot(path: old.root, create: false)
      try root.remove(old.folderName)
    } catch {
      reporter.warn("Failed to remove staged dir \(old.path): \(error.text) (delete manually)")
    }
  }
}

extension InstallFailure {
  static func notInstalled(_ id: String) -> InstallFailure {
    InstallFailure(.pluginNotFound, "plugin `\(id)` is not installed under any configured search path")
  }
}
