import FileSystem
import FulcioCert
import SigstoreVerify
import VerdictReport
import WireCoding

/// `plugin audit`: every installed plugin against its record, and its bundle against the policy of today, without a network.
///
/// Not checked: that the recorded hashes of the files are those of the signed tarball. Record and files lie in one folder, and
/// who can write there can change both alike; `plugin install` compares with the tarball itself.
public enum AuditCommand {
  private struct Finding {
    let plugin: InstalledPlugin
    var differences: [String] = []
    var isVerified = false
    var identity: String?
    var reason: String?
  }

  public static func run(
    configFolder: String, trust: TrustFlags, isJSON: Bool, in context: InstallContext
  ) -> Int32 {
    let reporter = Reporter(context, isJSON: isJSON)
    do throws(InstallFailure) {
      let settings = try Settings(context, configFolder: configFolder, trust: trust)
      settings.trustedKeys.warnings.forEach(reporter.warn)
      let plugins = try PluginStore(searchPaths: settings.searchPaths).plugins()
      guard !plugins.isEmpty else {
        reporter.line("(no plugins installed under \(settings.searchPaths.count) configured search path(s))")
        return reporter.finish([("ok", .bool(true)), ("plugins", .array([]))])
      }
      let verifier = ReleaseVerifier(
        root: try settings.trustedRoot(reporter, at: context.now()), now: context.now(),
        maximumTrustAge: settings.maximumTrustAge,
        denied: settings.denied)
      var findings: [Finding] = []
      for plugin in plugins {
        guard !context.isCancelled() else { throw .interrupted }
        guard let finding = try settled(plugin, settings, verifier) else { continue }
        say(finding, reporter)
        findings.append(finding)
      }
      let bad = findings.filter { !$0.differences.isEmpty }.count
      guard bad > 0 else {
        return reporter.finish([("ok", .bool(true)), ("plugins", .array(findings.map(object)))])
      }
      let failure = InstallFailure(
        .auditFailed, "\(bad) of \(findings.count) installed plugins are not what they should be",
        hint: ["Hint: install them again: `plugin install` compares with the signed tarball and repairs."])
      return reporter.fail(failure, more: [("plugins", .array(findings.map(object)))])
    } catch { return reporter.fail(error) }
  }

  /// What looks wrong is looked at again while nobody installs or removes: a plugin that was being switched is no damaged one. Nil
  /// where it has gone meanwhile.
  private static func settled(
    _ plugin: InstalledPlugin, _ settings: Settings, _ verifier: ReleaseVerifier
  ) throws(InstallFailure) -> Finding? {
    let first = audit(plugin, settings, verifier)
    guard !first.differences.isEmpty, let root = try? PluginRoot(path: plugin.root, create: false) else { return first }
    return try root.locked { () throws(InstallFailure) in
      do throws(SystemError) {
        guard try root.folder.entry(plugin.folderName) != nil else { return nil }
      } catch { return first }
      return PluginStore.plugin(at: plugin.root, plugin.folderName).map { audit($0, settings, verifier) } ?? first
    }
  }

  private static func audit(_ plugin: InstalledPlugin, _ settings: Settings, _ verifier: ReleaseVerifier) -> Finding {
    var finding = Finding(plugin: plugin)
    guard let record = plugin.record else {
      finding.differences = ["there is no record of its installation" + (plugin.recordProblem.map { ": \($0)" } ?? "")]
      return finding
    }
    if record.version != plugin.manifest.version.text {
      finding.differences.append("the record is of version \(record.version)")
    }
    do throws(SystemError) {
      let tree = try FileTree(of: try Folder(path: plugin.path))
      if let files = record.files {
        finding.differences += tree.differences(from: files, folders: nil)
      } else {
        finding.differences.append("the record names no files, so nothing can be compared")
      }
    } catch { finding.differences.append("it cannot be read: \(error.text)") }
    let trust = settings.trustedKeys.effectiveMode(owner: record.owner, flag: .none)
    do throws(InstallFailure) {
      if let bound = try verify(record, trust, verifier) {
        finding.isVerified = true
        finding.identity = bound.signer.subject.text
      }
    } catch {
      finding.differences.append(error.message)
      finding.reason = error.reason
    }
    return finding
  }

  /// Nil where the policy asks for no signature and there is none.
  private static func verify(
    _ record: InstallRecord, _ trust: TrustedKeys.Effective, _ verifier: ReleaseVerifier
  ) throws(InstallFailure) -> BoundSignature? {
    guard let digest = (try? Hex.decode(record.sha256)).flatMap({ Digest(.sha256, $0) }) else {
      throw .cosignFailed("the record's sha256 is no digest", code: "artifact.digestMismatch")
    }
    let origin = "\(record.owner)/\(record.repository)"
    guard let signature = record.signature else {
      guard trust.mode == .require else {
        try DeniedList.check(verifier.denied, digest: digest, origin: origin)
        return nil
      }
      throw InstallFailure(
        .policyRequiresSig, "trust policy requires signature for `\(record.owner)`, but it was installed without",
        reason: "policy.unsigned")
    }
    guard let author = trust.author else {
      guard trust.mode == .require else {
        try DeniedList.check(verifier.denied, digest: digest, origin: origin)
        return nil
      }
      throw InstallFailure(
        .policyRequiresSig, "trust policy requires signature for `\(record.owner)`, and names nobody who may sign",
        reason: "policy.noAuthor")
    }
    guard let artifact = try? ArtifactDigests([digest] + (signature.digest.map { [$0] } ?? [])) else {
      throw .cosignFailed("the record names two digests", code: "artifact.digestMismatch")
    }
    return try verifier.verify(
      SigningMaterial(bundle: signature.bundle),
      .init(
        artifact: artifact, author: author, owner: record.owner, repository: record.repository,
        tag: record.resolvedTag ?? record.tag)
    ).result.get()
  }

  private static func say(_ finding: Finding, _ reporter: Reporter) {
    let name = "\(finding.plugin.manifest.id.text) \(finding.plugin.manifest.version.text)"
    guard finding.differences.isEmpty else {
      reporter.line("✗ \(name) at \(finding.plugin.path)")
      for difference in finding.differences { reporter.line("  " + difference) }
      return
    }
    let signature =
      finding.identity.map { "signature verified (identity: \($0))" } ?? "no verified signature, none asked for"
    reporter.success("\(name): files as recorded, \(signature)")
  }

  private static func object(_ finding: Finding) -> JSONOutput {
    var fields: [(String, JSONOutput)] = [
      ("id", .text(finding.plugin.manifest.id.text)), ("version", .text(finding.plugin.manifest.version.text)),
      ("plugin_dir", .text(finding.plugin.path)), ("ok", .bool(finding.differences.isEmpty)),
      ("signature_verified", .bool(finding.isVerified)),
    ]
    if let identity = finding.identity { fields.append(("signature_identity", .text(identity))) }
    if let reason = finding.reason { fields.append(("reason", .text(reason))) }
    return .object(fields + [("differences", .array(finding.differences.map { .text($0) }))])
  }
}
