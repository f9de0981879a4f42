import SigstoreVerify
import VerdictReport
import WireCoding

/// `nexo trust lint` and `test`: help with the trust policy, `<config>/extensions/trusted_keys.toml`.
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
}
