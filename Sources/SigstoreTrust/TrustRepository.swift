import OpenSSLCrypto
public import WireCoding

/// A TUF repository from which trusted roots come, by the root metadata that is believed beforehand.
public struct TrustRepository: Sendable {
  /// One component of a path: what the repository's files are kept under.
  public let name: String
  /// Where it is served.
  public let address: String
  /// Believed, the newest last. Never empty.
  public let roots: [[UInt8]]
  /// Set where there is an embedded trusted root of it too.
  public let instance: TrustedRoot.Instance?
  /// How far the repository had come when its root was embedded.
  let embeddedVersions: RepositoryVersions?
  private let embedded: (@Sendable () -> TrustPack)?

  /// One of Sigstore's own, at its own address or that of a mirror.
  public init(_ instance: TrustedRoot.Instance, mirror: String? = nil) {
    let embedded = instance.embedded
    name = instance.host
    address = mirror ?? "https://" + instance.host
    roots = embedded.roots.map(bytes)
    self.instance = instance
    embeddedVersions = embedded.versions
    self.embedded = { embedded.pack }
  }

  /// With a state that is believed beforehand, as an embedded one.
  init(name: String, embedded: VerifiedPack) {
    self.name = name
    address = ""
    roots = embedded.pack.roots
    instance = nil
    embeddedVersions = embedded.versions
    self.embedded = { embedded.pack }
  }

  /// Somebody's own, by a root that the operator names.
  ///
  /// Kept apart by the root's digest: what was believed by one beginning says nothing about another.
  public init(root: [UInt8], mirror: String) throws(MetadataFailure) {
    _ = try TrustedMetadata(root: root, expiry: .unsafelyIgnored)
    let digest: [UInt8]
    do throws(CryptoFailure) { digest = try sha256(root) } catch { throw MetadataFailure(.malformed, error.detail) }
    name = "custom-" + Hex.encode(digest.prefix(8))
    address = mirror
    roots = [root]
    instance = nil
    embeddedVersions = nil
    embedded = nil
  }

  /// Of the embedded trusted root, as a pack; nil where none is embedded.
  public var embeddedPack: TrustPack? { embedded?() }

  /// Whether this state of the repository is older than the embedded one: how it had come further, or nil if it had not.
  ///
  /// A newer root says nothing about the rest: anybody can put it before an older state. The embedded timestamp counts as long as the newer
  /// root's keys signed it; where they did not, the keys were changed, and the count of versions may begin anew.
  public func newerEmbedded(than pack: VerifiedPack) -> RepositoryVersions? {
    guard let embeddedVersions else { return nil }
    guard pack.versions.root > embeddedVersions.root else {
      return pack.versions < embeddedVersions ? embeddedVersions : nil
    }
    guard pack.versions.timestamp < embeddedVersions.timestamp, let root = pack.pack.roots.last,
      let timestamp = embeddedPack?.file(.role("timestamp")),
      var trusted = try? TrustedMetadata(root: root, expiry: .unsafelyIgnored),
      (try? trusted.update(timestamp: timestamp)) != nil
    else { return nil }
    return embeddedVersions
  }
}

extension TrustedRoot.Instance {
  var host: String {
    switch self {
    case .production: "tuf-repo-cdn.sigstore.dev"
    case .staging: "tuf-repo-cdn.sigstage.dev"
    }
  }

  var embedded: EmbeddedRoot {
    switch self {
    case .production: .production
    case .staging: .staging
    }
  }
}
