public import SigstoreTrust
public import WireCoding
public import Transport

/// A trust pack in the place of a mirror: an import is an update from a file.
public struct PackRepository: RepositorySource {
  private let pack: TrustPack

  public init(_ pack: TrustPack) { self.pack = pack }

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
    // With consistent snapshots the version stands in front of the name.
    let unversioned = path.drop { $0.isASCII && $0.isNumber }.dropFirst()
    return pack.metadata[path] ?? pack.metadata[String(unversioned)]
  }
}
