import FileSystem
import SigstoreVerify
import TOMLKit
import WireCoding

enum TrustMode: String, Sendable, Hashable, CaseIterable {
  case ignore, warn, require
}

/// What the command line says of verification.
enum TrustFlag: Sendable, Hashable {
  case none, require, skip
}

/// An `[[authors]]` entry: who may sign for the repositories of one owner.
struct TrustedAuthor: Sendable {
  let owner: String
  /// Searched for anywhere in the certificate's name, as nexo-rs does: anchors are the operator's own.
  let identity: IdentityPattern
  let issuer: String
  let mode: TrustMode?
  let binding: ReleaseBindingRule
  /// The log has to show that its tree holds the signature; a promise does not do.
  let requiresInclusionProof: Bool
}

/// `<config>/extensions/trusted_keys.toml`: the operator's trust policy.
///
/// Unknown keys and anything that cannot be understood are refused, for every install, with whatever flags: a policy that is
/// half read is none.
struct TrustedKeys: Sendable {
  static let gitHubIssuer = "https://token.actions.githubusercontent.com"
  /// In bytes. A policy with a thousand authors has some 200 KB.
  static let limit = 1 << 20

  let path: String
  let defaultMode: TrustMode
  let authors: [TrustedAuthor]
  /// What the operator should hear; nothing that changes a decision.
  let warnings: [String]

  /// No file: mode warn, nobody named.
  static func absent(path: String) -> TrustedKeys {
    TrustedKeys(path: path, defaultMode: .warn, authors: [], warnings: [])
  }

  static func load(configFolder: String) throws(InstallFailure) -> TrustedKeys {
    let name = "extensions/trusted_keys.toml"
    let path = "\(configFolder)/\(name)"
    let bytes: [UInt8]?
    do throws(SystemError) { bytes = try ConfigurationFile.read(name, in: configFolder, limit: limit) } catch {
      throw InstallFailure(.trustedKeysParse, "trusted_keys.toml at `\(path)` invalid: read failed: \(error.text)")
    }
    return try bytes.map { (bytes) throws(InstallFailure) in try TrustedKeys(parsing: bytes, path: path) }
      ?? absent(path: path)
  }

  private init(path: String, defaultMode: TrustMode, authors: [TrustedAuthor], warnings: [String]) {
    self.path = path
    self.defaultMode = defaultMode
    self.authors = authors
    self.warnings = warnings
  }

  init(parsing bytes: [UInt8], path: String) throws(InstallFailure) {
    var reader: TrustedKeysReader
    do throws(TOMLDocument.Problem) {
      reader = TrustedKeysReader(document: try TOMLDocument(parsing: bytes, limit: Self.limit), path: path)
    } catch { throw InstallFailure(.trustedKeysParse, "trusted_keys.toml at `\(path)` invalid: \(error.text)") }
    let (mode, authors) = try reader.read()
    self.init(path: path, defaultMode: mode, authors: authors, warnings: reader.warnings)
  }

  /// The first entry in the order of the file; later ones of that owner never count. Owners compare without ASCII case.
  func author(owner: String) -> TrustedAuthor? {
    authors.first { isSameName($0.owner, owner) }
  }

  struct Effective: Sendable {
    let mode: TrustMode
    /// The matching entry; it is the policy whatever the mode.
    let author: TrustedAuthor?
    /// `--skip-signature-verify` over a mode `require`.
    let overridden: Bool
  }

  /// The flag, then the entry, then the file's default.
  func effectiveMode(owner: String, flag: TrustFlag) -> Effective {
    let author = author(owner: owner)
    let configured = author?.mode ?? defaultMode
    return switch flag {
    case .none: Effective(mode: configured, author: author, overridden: false)
    case .require: Effective(mode: .require, author: author, overridden: false)
    case .skip: Effective(mode: .ignore, author: author, overridden: configured == .require)
    }
  }
}

/// Walks the document by hand: the library's decoder takes a wrong type for a missing key and says no line.
private struct TrustedKeysReader {
  let document: TOMLDocument
  let path: String
  var warnings: [String] = []
  private var minor: UInt64 = 0

  private static let mostAuthors = 10_000

  init(document: TOMLDocument, path: String) {
    self.document = document
    self.path = path
  }

  mutating func read() throws(InstallFailure) -> (TrustMode, [TrustedAuthor]) {
    let root = document.root
    try checkKeys(root, ["schema_version", "default", "cosign_binary", "authors"])
    try readVersion(root)
    let mode = try mode(root, "default") ?? .warn
    if try text(root, "cosign_binary") != nil {
      warnings.append("cosign_binary in \(path) is not used: signatures are verified in process, no program is run")
    }
    var authors: [TrustedAuthor] = []
    if let value = root["authors"] {
      guard let list = value.array else { throw refuse("authors is no list of tables\(document.place(of: "authors"))") }
      guard list.count <= Self.mostAuthors else { throw refuse("more than \(Self.mostAuthors) authors") }
      for index in 0..<list.count {
        guard let table = list[index].table else {
          throw refuse("authors is no list of tables\(document.place(of: "authors"))")
        }
        authors.append(try author(table, index))
      }
    }
    noteOwners(authors)
    return (mode, authors)
  }

  /// `MAJOR.MINOR`. Minor versions add keys; another major one may change what they mean.
  private mutating func readVersion(_ root: TOMLTable) throws(InstallFailure) {
    guard let version = try text(root, "schema_version") else { return }
    let place = document.place(of: "schema_version")
    let parts = version.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, let major = try? SemanticVersion.number(parts[0]),
      let minor = try? SemanticVersion.number(parts[1])
    else { throw refuse("schema_version `\(version)` is not of the form MAJOR.MINOR\(place)") }
    guard major == 1 else { throw refuse("schema_version `\(version)` is not known here; 1.0 and 1.1 are\(place)") }
    if minor > 1 {
      warnings.append("schema_version \(version) of \(path) is newer than this program: it is read as 1.1")
    }
    self.minor = minor
  }

  private func author(_ table: TOMLTable, _ index: Int) throws(InstallFailure) -> TrustedAuthor {
    let known = ["owner", "identity_regexp", "oidc_issuer", "mode"]
    try checkKeys(table, known + (minor >= 1 ? ["bind", "inclusion_proof"] : []), index)
    let owner = try required(table, "owner", index)
    let pattern = try required(table, "identity_regexp", index)
    // An empty pattern is found in every name, an empty issuer in no certificate.
    let issuer = try text(table, "oidc_issuer", index) ?? TrustedKeys.gitHubIssuer
    for (key, value) in [("owner", owner), ("identity_regexp", pattern), ("oidc_issuer", issuer)] where value.isEmpty {
      throw refuse("\(key) is empty\(place(key, index))")
    }
    let identity: IdentityPattern
    do throws(PatternFailure) { identity = try IdentityPattern(pattern) } catch {
      throw InstallFailure(
        .identityRegexpInvalid,
        "identity_regexp `\(pattern)` invalid: \(error.detail ?? error.code.meaning)\(place("identity_regexp", index))",
        reason: error.code.rawValue)
    }
    var binding = ReleaseBindingRule.tag
    if let text = try text(table, "bind", index) {
      guard let rule = ReleaseBindingRule(rawValue: text) else {
        throw refuse("bind is `\(text)`, not one of tag, repository, none\(place("bind", index))")
      }
      binding = rule
    }
    return TrustedAuthor(
      owner: owner, identity: identity, issuer: issuer, mode: try mode(table, "mode", index), binding: binding,
      requiresInclusionProof: try inclusionProof(table, index))
  }

  private func inclusionProof(_ table: TOMLTable, _ index: Int) throws(InstallFailure) -> Bool {
    guard let text = try text(table, "inclusion_proof", index) else { return false }
    guard ["require", "accept"].contains(text) else {
      throw refuse("inclusion_proof is `\(text)`, not one of require, accept\(place("inclusion_proof", index))")
    }
    return text == "require"
  }

  private mutating func noteOwners(_ authors: [TrustedAuthor]) {
    var seen: Set<[UInt8]> = []
    for author in authors {
      let owner = author.owner.utf8.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
      if !seen.insert(owner).inserted {
        warnings.append("\(path) has a second [[authors]] entry for `\(author.owner)`; only the first counts")
      }
      if (try? Coordinates("\(author.owner)/x")) == nil {
        warnings.append("owner `\(author.owner)` in \(path) is no name that GitHub has, so the entry never matches")
      }
    }
  }

  // MARK: Values

  private func checkKeys(_ table: TOMLTable, _ known: [String], _ index: Int? = nil) throws(InstallFailure) {
    for key in table.keys where !known.contains(where: { $0.utf8.elementsEqual(key.utf8) }) {
      let advice =
        ["bind", "inclusion_proof"].contains(key) && index != nil ? " (it needs schema_version = \"1.1\")" : ""
      throw refuse("unknown key `\(key)`\(place(key, index))\(advice)")
    }
  }

  private func required(_ table: TOMLTable, _ key: String, _ index: Int) throws(InstallFailure) -> String {
    guard let text = try text(table, key, index) else {
      throw refuse("author \(index + 1) has no `\(key)`")
    }
    return text
  }

  private func text(_ table: TOMLTable, _ key: String, _ index: Int? = nil) throws(InstallFailure) -> String? {
    guard let value = table[key] else { return nil }
    guard let text = value.string else { throw refuse("`\(key)` is no text\(place(key, index))") }
    return text
  }

  private func mode(_ table: TOMLTable, _ key: String, _ index: Int? = nil) throws(InstallFailure) -> TrustMode? {
    guard let text = try text(table, key, index) else { return nil }
    guard let mode = TrustMode(rawValue: text) else {
      throw refuse("`\(key)` is `\(text)`, not one of ignore, warn, require\(place(key, index))")
    }
    return mode
  }

  private func place(_ key: String, _ index: Int?) -> String { document.place(of: key, in: "authors", element: index) }

  private func refuse(_ reason: String) -> InstallFailure {
    InstallFailure(.trustedKeysParse, "trusted_keys.toml at `\(path)` invalid: \(reason)")
  }
}
