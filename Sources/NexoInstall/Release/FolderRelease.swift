import FileSystem
import Glibc

/// A release's assets in a folder, for a host without internet: what `plugin fetch` makes, or what somebody copied together.
///
/// The folder is believed no more than the network: checksum, signature and binding are checked as for a download.
final class FolderRelease: ReleaseSource {
  /// Written by `plugin fetch`: the tag, so that `@latest` can be followed without a network.
  static let tagFile = "nexo-release.txt"

  let name = "folder"
  private let path: String
  private let folder: Folder
  private let isCancelled: @Sendable () -> Bool

  init(path: String, isCancelled: @escaping @Sendable () -> Bool) throws(InstallFailure) {
    self.path = path
    self.isCancelled = isCancelled
    do throws(SystemError) { folder = try Folder(path: path) } catch {
      throw InstallFailure(.io, "install io error: open folder \(path): \(error.text)")
    }
  }

  func release(_ coordinates: Coordinates) throws(InstallFailure) -> Release {
    let names: [String]
    do throws(SystemError) { names = try folder.names(atMost: Release.mostAssets) } catch {
      throw InstallFailure(.io, "install io error: read folder \(path): \(error.text)")
    }
    let assets = names.map { ReleaseAsset(name: $0, size: nil, location: "\(path)/\($0)") }
    return try Release(coordinates: coordinates, tag: try tag(coordinates, names), assets: assets)
  }

  /// A folder does not say which release it is. What is claimed here is checked like any other tag: the tarball's manifest
  /// has to have its version, and a signature has to be for it.
  private func tag(_ coordinates: Coordinates, _ names: [String]) throws(InstallFailure) -> String {
    guard coordinates.wantsNewest else { return coordinates.tag }
    if names.contains(Self.tagFile) {
      let text = String(decoding: try contents(Self.tagFile, limit: 4096, .manifest), as: UTF8.self)
      let lines = text.split(separator: "\n")
      if let tag = lines.first(where: { $0.hasPrefix("tag=") })?.dropFirst(4) { return String(tag) }
    }
    guard names.contains(Manifest.name) else {
      throw InstallFailure(
        .releaseShape,
        "release `\(coordinates.owner)/\(coordinates.repository)` shape error: release `latest` is missing required asset `\(Manifest.name)`"
      )
    }
    let bytes = try contents(Manifest.name, limit: Manifest.limit, .manifest)
    do throws(ManifestProblem) { return "v" + (try Manifest(parsing: bytes).version.text) } catch {
      throw InstallFailure(
        .releaseShape,
        "release `\(coordinates.owner)/\(coordinates.repository)` shape error: manifest parse failed: \(error.text)")
    }
  }

  func read(
    _ asset: ReleaseAsset, of release: Release, role: AssetRole, limit: Int
  ) throws(InstallFailure) -> [UInt8] {
    try contents(asset.name, limit: limit, role)
  }

  private func contents(_ name: String, limit: Int, _ role: AssetRole) throws(InstallFailure) -> [UInt8] {
    do throws(SystemError) { return try folder.read(name, limit: limit) } catch {
      throw role.failure(error.text, at: "\(path)/\(name)", reason: nil)
    }
  }

  func download(
    _ asset: ReleaseAsset, of release: Release, into file: ScratchFile, limit: Int,
    progress: @escaping (Int, Int?) -> Void
  ) throws(InstallFailure) {
    // Copied: whoever owns the folder could change the file between hashing and unpacking.
    do throws(SystemError) {
      try file.restart()
      let source = try folder.open(asset.name)
      let size = source.size
      guard size <= limit else { throw SystemError(EFBIG) }
      var total = 0
      while let chunk = try source.chunk() {
        guard !isCancelled() else { throw SystemError(ECANCELED) }
        total += chunk.count
        guard total <= limit else { throw SystemError(EFBIG) }
        try file.append(chunk)
        progress(total, size)
      }
    } catch {
      if error.number == ECANCELED { throw .interrupted }
      throw InstallFailure(.io, "install io error: write tarball: \(error.text) (\(asset.location))")
    }
  }
}
