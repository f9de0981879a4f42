/// Where a release's files come from: GitHub, or a folder.
protocol ReleaseSource {
  /// For the record: `github-releases` or `folder`.
  var name: String { get }

  func release(_ coordinates: Coordinates) throws(InstallFailure) -> Release

  /// A small file, whole.
  ///
  /// - Parameter role: what it is, for messages: `manifest`, `sha256`, or the address itself for signing material.
  func read(_ asset: ReleaseAsset, of release: Release, role: AssetRole, limit: Int) throws(InstallFailure) -> [UInt8]

  /// The tarball, into an open file.
  ///
  /// - Parameter progress: bytes so far, and how many are expected where that is known.
  func download(
    _ asset: ReleaseAsset, of release: Release, into file: ScratchFile, limit: Int,
    progress: @escaping (Int, Int?) -> Void
  ) throws(InstallFailure)
}

enum AssetRole: String {
  case manifest, checksum = "sha256", signature

  /// Messages of nexo-rs differ for one file in the words only.
  func failure(_ text: String, at place: String, reason: String?) -> InstallFailure {
    switch self {
    case .manifest, .checksum:
      InstallFailure(.http, "install http error: fetch \(rawValue): \(text)", reason: reason)
    case .signature: InstallFailure(.verifyIo, "verify io error: fetch \(place): \(text)", reason: reason)
    }
  }
}
