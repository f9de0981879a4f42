import SigstoreBundle
public import SigstoreTrust
public import WireCoding

/// The trusted root that a verification without further word goes by: the newer of what is kept and what is embedded.
public struct BelievedRoot: Sendable {
  public let root: TrustedRoot
  /// Where it is from; nil for the embedded one.
  public let pack: VerifiedPack?
  /// For people: why what is kept was passed over.
  public let note: String?

  /// Throws `cacheInvalid` for what is kept and does not verify, and `cacheMissing` where nothing is kept of a repository of which
  /// nothing is embedded.
  ///
  /// - Parameter timestamps: as for `TrustedRoot.embedded`.
  public init(
    _ repository: TrustRepository, in location: TrustLocation, timestamps: Bool = true
  ) throws(MetadataFailure) {
    let cache = location.cache(for: repository)
    var note: String?
    let instead = repository.instance == nil ? "" : ", the embedded one is used"
    switch try cache?.load(repository) ?? .none {
    case .verified(let pack):
      guard repository.newerEmbedded(than: pack) != nil else {
        root = try Self.root(pack, of: repository, timestamps: timestamps)
        self.pack = pack
        self.note = nil
        return
      }
      note = "the trusted root that is kept is older than the embedded one, which is used"
    case .outdated:
      note = "the trusted root that is kept is older than the embedded one, which is used; its keys were changed since"
    case .unreadable(let reason):
      note = "the trusted root that is kept cannot be read\(instead): \(reason)"
    case .none: break
    }
    guard let instance = repository.instance else {
      throw MetadataFailure(.cacheMissing, note, place: cache?.path)
    }
    root = try Self.reading { () throws(BundleFailure) in
      try TrustedRoot.embedded(instance, timestamps: timestamps)
    }
    pack = nil
    self.note = note
  }

  /// The trusted root of a pack, named for people.
  public static func root(
    _ pack: VerifiedPack, of repository: TrustRepository, timestamps: Bool = true
  ) throws(MetadataFailure) -> TrustedRoot {
    try reading { () throws(BundleFailure) in
      try TrustedRoot(pack, from: "kept trusted root of \(repository.name)", timestamps: timestamps)
    }
  }

  private static func reading(_ body: () throws(BundleFailure) -> TrustedRoot) throws(MetadataFailure) -> TrustedRoot {
    do throws(BundleFailure) { return try body() } catch {
      throw MetadataFailure(
        .cacheInvalid, "\(error.code.rawValue)\(error.detail.map { ": \($0)" } ?? "")", got: error.got,
        want: error.want,
        place: error.place)
    }
  }
}
