public import SigstoreTrust
public import WireCoding
public import Transport

/// A trust pack in the place of a mirror: an import is an update from a file.
public struct PackRepository: RepositorySource {
  private let pack: TrustPack
  private let hasConsistentSnapshots: Bool

  public init(_ pack: VerifiedPack) {
    self.pack = pack.pack
    hasConsistentSnapshots = pack.hasConsistentSnapshots
  }

  public func file(_ path: String, limit: Int) throws(TransportFailure) -> [UInt8]? {
    guard let bytes = find(path) else { return nil }
    guard bytes.count <= limit else {
      throw TransportFailure(.tooLarge, got: "\(bytes.count) bytes", want: "at most \(limit)", place: path)
    }
    return bytes
  }

  private func find(_ path: String) -> [UInt8]? {
    if path.hasPrefix("targets/") { return path.hasSuffix(TrustPack.target) ? pack.trustedRoot : nil }
    if path.hasSuffix(".root.json"), let version = Int(path.dropLast(".root.json".count)) {
      return pack.file(.root(version: version))
    }
    guard hasConsistentSnapshots, path != "timestamp.json" else { return pack.metadata[path] }
    // The version stands in front of the name.
    return path.firstIndex(of: ".").flatMap { pack.metadata[String(path[path.index(after: $0)...])] }
  }
}
