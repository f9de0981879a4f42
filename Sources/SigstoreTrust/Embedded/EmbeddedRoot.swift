import WireCoding

/// A trusted root in the program itself, with the metadata that leads to it. The build is the reason to believe it: it is not verified
/// when it is used, but a test holds it to its own metadata.
struct EmbeddedRoot: Sendable {
  let source: String
  let sha256: String
  /// When it was fetched, in seconds.
  let refreshed: Int64
  /// When the newest root's metadata expires, in seconds.
  let rootExpires: Int64
  let versions: RepositoryVersions
  let trustedRoot: StaticString
  /// Every root since the first that was ever embedded, the newest last.
  let roots: [StaticString]
  let timestamp: StaticString
  let snapshot: StaticString
  let targets: StaticString

  /// As a pack, to be carried elsewhere.
  var pack: TrustPack {
    TrustPack(
      refreshed: UnixTime(seconds: refreshed), roots: roots.map(bytes),
      metadata: ["timestamp.json": bytes(timestamp), "snapshot.json": bytes(snapshot), "targets.json": bytes(targets)],
      trustedRoot: bytes(trustedRoot))
  }
}

func bytes(_ text: StaticString) -> [UInt8] { text.withUTF8Buffer { Array($0) } }
