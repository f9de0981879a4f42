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

  /// One of Sigstore's own, at its own address or that of a mirror.
  public init(_ instance: TrustedRoot.Instance, mirror: String? = nil) {
    let embedded = instance.embedded
    name = instance.host
    address = mirror ?? "https://" + instance.host
    roots = embedded.roots.map(bytes)
    self.instance = instance
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
  }

  /// Of the embedded trusted root, as a pack; nil where none is embedded.
  public var embeddedPack: TrustPack? { instance?.embedded.pack }
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

  /// How far the repository had come when its root was embedded.
  public var versions: RepositoryVersions { embedded.versions }
}
