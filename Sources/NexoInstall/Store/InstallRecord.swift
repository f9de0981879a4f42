import VerdictReport
import WireCoding

/// `.nexo-install.json`: where an installed plugin came from, what its signature showed, and what its files were.
///
/// The first ten keys are nexo-rs's own and required; the rest is ours, and absent in a record that nexo-rs wrote. The record
/// lies beside the files that it describes: whoever can write there can change both. `plugin audit` therefore verifies the
/// bundle in it anew against the policy.
struct InstallRecord: Sendable, Hashable {
  static let name = ".nexo-install.json"
  static let temporaryName = ".nexo-install.json.tmp"
  static let gitHub = "github-releases"
  /// 10000 files with their hashes have some 3 MB.
  private static let limits = JSONLimits(maximumBytes: 16 << 20, maximumDepth: 16, maximumValues: 100_000)
  static let limit = 16 << 20

  struct File: Sendable, Hashable {
    let path: String
    /// Permission bits.
    let mode: UInt32
    let size: Int
    let sha256: String
  }

  struct Signature: Sendable, Hashable {
    let identity: String
    let issuer: String
    /// Index of the log entry, of the first where there are several.
    let logIndex: UInt64?
    /// Earliest trusted time, RFC 3339.
    let signedAt: String?
    /// The rule that tied it to the release: `tag`, `repository` or `none`.
    let binding: String
    /// The bundle as it was published, so that it can be verified again without a network.
    let bundle: [UInt8]
    let bundleSHA256: String
    /// The tarball's digest that was signed, where it is another than the record's sha256.
    let digest: Digest?
  }

  var id: String
  var version: String
  var owner: String
  var repository: String
  /// As it was asked for: `latest` or the tag.
  var tag: String
  var target: String
  /// Of the tarball, in hex.
  var sha256: String
  var installedAt: String
  var source: String

  /// The tag that `latest` stood for.
  var resolvedTag: String?
  /// The target that the operator named; only that binds later upgrades.
  var chosenTarget: String?
  var size: Int?
  var trustMode: String?
  /// Nil for an unverified install, and in nexo-rs's records.
  var signature: Signature?
  /// Nil in nexo-rs's records.
  var files: [File]?

  // MARK: Writing

  var json: JSONOutput {
    var fields: [(String, JSONOutput)] = [
      ("schema_version", .text("1.0")), ("id", .text(id)), ("version", .text(version)), ("owner", .text(owner)),
      ("repo", .text(repository)), ("tag", .text(tag)), ("target", .text(target)), ("sha256", .text(sha256)),
      ("installed_at", .text(installedAt)), ("source", .text(source)),
    ]
    if let resolvedTag { fields.append(("resolved_tag", .text(resolvedTag))) }
    if let chosenTarget { fields.append(("requested_target", .text(chosenTarget))) }
    if let size { fields.append(("size_bytes", .number(size))) }
    if let trustMode { fields.append(("trust_mode", .text(trustMode))) }
    fields.append(("signature_verified", .bool(signature != nil)))
    if let signature {
      var entries: [(String, JSONOutput)] = [
        ("identity", .text(signature.identity)), ("issuer", .text(signature.issuer)),
      ]
      // As text: a log index may be larger than what every JSON reader holds exactly.
      if let index = signature.logIndex { entries.append(("log_index", .text(String(index)))) }
      if let time = signature.signedAt { entries.append(("signed_at", .text(time))) }
      entries += [
        ("binding", .text(signature.binding)), ("bundle_sha256", .text(signature.bundleSHA256)),
        ("bundle", .text(Base64.encode(signature.bundle))),
      ]
      if let digest = signature.digest { entries.append(("digest", .text(digest.text))) }
      fields.append(("signature", .object(entries)))
    }
    if let files {
      fields.append(
        (
          "files",
          .array(
            files.map {
              .object([
                ("path", .text($0.path)), ("mode", .text(String($0.mode, radix: 8))), ("size", .number($0.size)),
                ("sha256", .text($0.sha256)),
              ])
            })
        ))
    }
    return .object(fields)
  }

  // MARK: Reading

  /// Unknown keys are left alone, a missing or mistyped one of the ten is a failure.
  init(parsing bytes: [UInt8]) throws(CodingFailure) {
    let root = try JSONNode.parse(bytes, limits: Self.limits)
    _ = try root.field("schema_version").string()
    id = try root.field("id").string()
    version = try root.field("version").string()
    owner = try root.field("owner").string()
    repository = try root.field("repo").string()
    tag = try root.field("tag").string()
    target = try root.field("target").string()
    sha256 = try root.field("sha256").string()
    installedAt = try root.field("installed_at").string()
    source = try root.field("source").string()
    resolvedTag = try root.optionalField("resolved_tag")?.string()
    chosenTarget = try root.optionalField("requested_target")?.string()
    size = try root.optionalField("size_bytes").flatMap { (node) throws(CodingFailure) in
      Int(exactly: try node.integer())
    }
    trustMode = try root.optionalField("trust_mode")?.string()
    if let node = try root.optionalField("signature") {
      signature = Signature(
        identity: try node.field("identity").string(), issuer: try node.field("issuer").string(),
        logIndex: try node.optionalField("log_index").flatMap { (node) throws(CodingFailure) in
          UInt64(try node.string())
        },
        signedAt: try node.optionalField("signed_at")?.string(), binding: try node.field("binding").string(),
        bundle: try node.field("bundle").base64(), bundleSHA256: try node.field("bundle_sha256").string(),
        digest: try node.optionalField("digest").flatMap { (node) throws(CodingFailure) in
          Digest(text: try node.string())
        })
    }
    guard let list = try root.optionalField("files") else { return }
    var files: [File] = []
    for node in try list.elements(atMost: 20_000) {
      let mode = try node.field("mode").string()
      let size = try node.field("size").integer()
      guard let mode = UInt32(mode, radix: 8), let size = Int(exactly: size), size >= 0 else {
        throw CodingFailure(.numberRange, "mode or size", place: node.place)
      }
      files.append(
        File(path: try node.field("path").string(), mode: mode, size: size, sha256: try node.field("sha256").string()))
    }
    self.files = files
  }

  init(
    id: String, version: String, owner: String, repository: String, tag: String, target: String, sha256: String,
    installedAt: String, source: String
  ) {
    self.id = id
    self.version = version
    self.owner = owner
    self.repository = repository
    self.tag = tag
    self.target = target
    self.sha256 = sha256
    self.installedAt = installedAt
    self.source = source
  }

  /// `signature_verified` alone is a claim; the signature itself has to be there.
  var wasVerified: Bool { signature != nil }
}
