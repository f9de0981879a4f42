import FileSystem
import FulcioCert
import Glibc
import SigstoreVerify
import VerdictReport
import WireCoding

/// `nexo trust lint`, `test` and `suggest`: help with the trust policy, `<config>/extensions/trusted_keys.toml`.
public enum PolicyCommands {
  // MARK: lint

  /// - Returns: 0 where nothing was found, 1 where something was.
  public static func lint(configFolder: String, isJSON: Bool, in context: InstallContext) -> Int32 {
    let reporter = Reporter(context, isJSON: isJSON)
    do throws(InstallFailure) {
      let keys = try Settings(context, configFolder: configFolder).trustedKeys
      let findings = PolicyLint(keys).findings
      for finding in findings { reporter.line("! \(finding.owner): \(finding.text) (\(finding.code.rawValue))") }
      let list = JSONOutput.array(
        findings.map {
          .object([("code", .text($0.code.rawValue)), ("owner", .text($0.owner)), ("text", .text($0.text))])
        })
      guard !findings.isEmpty else { return reporter.finish([("ok", .bool(true)), ("findings", list)]) }
      return reporter.fail(
        InstallFailure(.policyFindings, "\(findings.count) in \(keys.path)"), more: [("findings", list)])
    } catch { return reporter.fail(error) }
  }

  // MARK: test

  /// Which entry decides about a certificate's name, and why.
  ///
  /// - Returns: 0 where an entry accepts it, 1 where none does.
  public static func test(
    name: String, issuer: String?, configFolder: String, isJSON: Bool, in context: InstallContext
  ) -> Int32 {
    let reporter = Reporter(context, isJSON: isJSON)
    do throws(InstallFailure) {
      let keys = try Settings(context, configFolder: configFolder).trustedKeys
      let prefix = "https://github.com/"
      let owner = name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count).prefix { $0 != "/" }) : ""
      guard !owner.isEmpty, let author = keys.author(owner: owner) else {
        let others = keys.authors.filter { $0.identity.matches(name) }.map(\.owner)
        let why =
          owner.isEmpty
          ? "`\(name)` is no workflow of GitHub's: entries are chosen by the repository's owner"
          : "no [[authors]] entry is for `\(owner)`; the default mode is \(keys.defaultMode.rawValue)"
        return reporter.fail(
          InstallFailure(
            .policyFindings, why,
            hint: others.isEmpty
              ? []
              : ["Hint: the patterns of \(others.joined(separator: ", ")) match the name, for their own repositories."])
        )
      }
      let matches = author.identity.matches(name)
      let issuer = issuer ?? TrustedKeys.gitHubIssuer
      let sameIssuer = author.issuer.utf8.elementsEqual(issuer.utf8)
      let fields: [(String, JSONOutput)] = [
        ("owner", .text(author.owner)), ("identity_regexp", .text(author.identity.text)), ("matches", .bool(matches)),
        ("oidc_issuer", .text(author.issuer)), ("issuer_matches", .bool(sameIssuer)),
        ("mode", .text((author.mode ?? keys.defaultMode).rawValue)), ("bind", .text(author.binding.rawValue)),
      ]
      reporter.line(
        "  the entry of `\(author.owner)` decides: mode \((author.mode ?? keys.defaultMode).rawValue), bind \(author.binding.rawValue)"
      )
      guard matches, sameIssuer else {
        let what =
          matches
          ? "the issuer `\(author.issuer)` is another than `\(issuer)`"
          : "its pattern `\(author.identity.text)` does not match"
        return reporter.fail(
          InstallFailure(
            .policyFindings, what,
            hint: matches ? [] : ["Hint: the tightest pattern for this name is '\(TightPattern.of(name))'."]),
          more: fields)
      }
      reporter.success("its pattern matches, and so does the issuer")
      return reporter.finish([("ok", .bool(true))] + fields)
    } catch { return reporter.fail(error) }
  }

  // MARK: suggest

  /// The tightest entry that a release satisfies; the release is verified by it. Of a bundle file alone, what its certificate claims.
  ///
  /// - Parameter options: its coordinates may be the path of a bundle.
  public static func suggest(_ options: InstallOptions, adds: Bool, in context: InstallContext) -> Int32 {
    let reporter = Reporter(context, isJSON: options.isJSON)
    do throws(InstallFailure) {
      let (author, isVerified) = try entry(options, reporter, context)
      if !isVerified {
        reporter.warn("the bundle was not verified: this is what its certificate says of itself")
      }
      reporter.table(author.entry.split(separator: "\n").map(String.init))
      var path: String?
      if adds {
        guard isVerified else {
          throw InstallFailure(.usage, "--add needs <owner>/<repo>[@<tag>]: what is added has to be verified first")
        }
        path = try add(author, options.configFolder, context)
        reporter.success("Added to \(path ?? "")")
      }
      return reporter.finish([
        ("ok", .bool(true)), ("verified", .bool(isVerified)), ("authors_entry", .text(author.entry)),
        ("added_to", .optional(path)),
      ])
    } catch { return reporter.fail(error) }
  }

  private static func entry(
    _ options: InstallOptions, _ reporter: Reporter, _ context: InstallContext
  ) throws(InstallFailure) -> (author: (keys: TrustedKeys, entry: String), isVerified: Bool) {
    if let bytes = try? InputFile.read(path: options.coordinates, limit: SigningMaterial.bundleLimit) {
      let signer = try ClaimedSigner(bytes)
      let owner = signer.repository.flatMap { try? Coordinates($0) }?.owner
      guard let owner else {
        throw .cosignFailed("the certificate does not say which repository it is for", code: "binding.repository")
      }
      return (try signer.author(owner), false)
    }
    let coordinates = try Coordinates(options.coordinates)
    let source = try InstallCommand.source(options.from, context)
    let target = try Target.choose(flag: options.target, environment: context.environment)
    let nobody = try TrustedKeys(parsing: [], path: "(no policy)")
    let quiet = Reporter(context, isJSON: true)
    let settings = try Settings(trying: nobody, context, configFolder: options.configFolder, trust: options.trust)
    reporter.step("Resolving \(coordinates.text) (target: \(target.name))")
    let found = try Installer(context, quiet, settings, source).find(coordinates, target)
    guard case .bundle(let asset) = found.material else {
      throw InstallFailure(
        .policyRequiresSig, "release `\(found.release.tag)` has no .bundle", reason: "policy.unsigned",
        hint: TrustDecision.publishHint)
    }
    let signer = try ClaimedSigner(
      try source.read(asset, of: found.release, role: .signature, limit: SigningMaterial.bundleLimit))
    let author = try signer.author(coordinates.owner)
    reporter.step("Verifying the release by it")
    let trying = try Settings(trying: author.keys, context, configFolder: options.configFolder, trust: options.trust)
    _ = try Trial.install(Installer(context, quiet, trying, source), coordinates, target)
    return (author, true)
  }

  /// Behind what is there, comments and all; a file that would not load is left as it was.
  private static func add(
    _ author: (keys: TrustedKeys, entry: String), _ configFolder: String, _ context: InstallContext
  ) throws(InstallFailure) -> String {
    let keys = try Settings(context, configFolder: configFolder).trustedKeys
    guard let new = author.keys.authors.first else { throw InstallFailure(.trustedKeysParse, "the entry is empty") }
    guard keys.author(owner: new.owner) == nil else {
      throw InstallFailure(
        .trustedKeysParse, "\(keys.path) has an entry for `\(new.owner)` already, and only the first counts",
        hint: ["Hint: change that entry by hand."])
    }
    do {
      try Folder.make(path: "\(configFolder)/extensions", mode: 0o755)
      let folder = try Folder(path: "\(configFolder)/extensions")
      let old = try InputFile.readIfPresent(path: keys.path, limit: TrustedKeys.limit) ?? []
      let gap = old.isEmpty ? "" : old.last == 0x0a ? "\n" : "\n\n"
      let text = old + Array((gap + author.entry + "\n").utf8)
      _ = try TrustedKeys(parsing: text, path: keys.path)
      let temporary = ".trusted_keys.toml.\(getpid())"
      let mode = try folder.entry("trusted_keys.toml")?.mode ?? 0o644
      try folder.create(temporary, mode: mode, text)
      try folder.replace("trusted_keys.toml", with: temporary)
      return keys.path
    } catch let error as InstallFailure { throw error } catch {
      throw InstallFailure(.adminIo, "cannot write \(keys.path): \((error as? SystemError)?.text ?? "")")
    }
  }
}
