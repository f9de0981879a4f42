/// One file of a release, as its publisher's listing says. Nothing of it is believed but the name.
struct ReleaseAsset: Sendable, Hashable {
  let name: String
  /// Announced, in bytes; nil where the listing does not say.
  let size: Int?
  /// Where it is fetched from: an address, or a path.
  let location: String
  /// Its address in GitHub's API, which serves private repositories too.
  var apiLocation: String?
}

/// A release as it was found: its tag and its files. Unverified.
struct Release: Sendable, Hashable {
  let owner: String
  let repository: String
  let tag: String
  let version: SemanticVersion
  let assets: [ReleaseAsset]

  var coordinates: String { "\(owner)/\(repository)" }

  /// GitHub allows 1000 files in a release.
  static let mostAssets = 1000

  init(coordinates: Coordinates, tag: String, assets: [ReleaseAsset]) throws(InstallFailure) {
    owner = coordinates.owner
    repository = coordinates.repository
    self.tag = tag
    self.assets = assets
    let name = "\(coordinates.owner)/\(coordinates.repository)"
    func refuse(_ reason: String) -> InstallFailure {
      InstallFailure(.releaseShape, "release `\(name)` shape error: \(reason)")
    }
    guard assets.count <= Self.mostAssets else { throw refuse("more than \(Self.mostAssets) assets") }
    // Whatever was asked for by name is what has to be installed: the signature is bound to this tag.
    guard coordinates.wantsNewest || coordinates.tag.utf8.elementsEqual(tag.utf8) else {
      throw refuse("tag `\(coordinates.tag)` was asked for, the answer is release `\(tag)`")
    }
    var seen: Set<String> = []
    for asset in assets where !seen.insert(asset.name).inserted {
      throw refuse("two assets are named `\(asset.name)`")
    }
    if let reason = Coordinates.reasonAgainst(tag: Array(tag.utf8)) { throw refuse(reason) }
    do throws(VersionProblem) {
      version = try SemanticVersion(String(tag.drop { $0 == "v" }))
    } catch {
      throw refuse("release tag `\(tag)` does not parse as semver `vX.Y.Z`: \(error.text)")
    }
  }

  func asset(_ name: String) -> ReleaseAsset? {
    assets.first { $0.name.utf8.elementsEqual(name.utf8) }
  }

  func shapeError(_ reason: String) -> InstallFailure {
    InstallFailure(.releaseShape, "release `\(coordinates)` shape error: \(reason)")
  }
}

/// The tarball that was chosen for a target, with what the release has beside it.
struct ChosenTarball: Sendable, Hashable {
  let asset: ReleaseAsset
  let target: String
  let checksum: ReleaseAsset

  init(of id: PluginID, in release: Release, for target: Target) throws(InstallFailure) {
    let stem = "\(id.text)-\(release.version.text)-"
    for candidate in target.candidates {
      let name = "\(stem)\(candidate).tar.gz"
      guard let asset = release.asset(name) else { continue }
      guard let checksum = release.asset(name + ".sha256") else {
        throw release.shapeError(
          "release `\(release.tag)` is missing required asset `\(name).sha256` for tarball `\(name)`")
      }
      self.asset = asset
      self.target = candidate
      self.checksum = checksum
      return
    }
    let available = release.assets.map(\.name).filter { $0.hasSuffix(".tar.gz") }.sorted()
    let list = available.map { "\"\($0)\"" }.joined(separator: ", ")
    throw InstallFailure(
      .targetNotFound,
      "release for `\(id.text)@\(release.version.text)` has no tarball for target `\(target.name)`. Available: [\(list)]",
      hint: [
        "Available targets: \(available.joined(separator: ", "))",
        "Hint: pass --target=<other-triple> or set NEXO_INSTALL_TARGET, or",
        "ask the plugin author to publish a build for your target.",
      ], available: available)
  }
}

/// The signing material that a release has for one tarball.
enum SigningAssets: Sendable, Hashable {
  case none
  case bundle(ReleaseAsset)
  case pair(signature: ReleaseAsset, certificate: ReleaseAsset)
  /// Half of a pair: what is there, and what is missing.
  case incomplete(present: String, missing: String)

  /// A bundle wins over a pair, and no second try is made with the pair where the bundle fails.
  init(for tarball: ReleaseAsset, in release: Release) {
    for ending in [".bundle", ".sigstore.json", ".sigstore"] {
      if let asset = release.asset(tarball.name + ending) {
        self = .bundle(asset)
        return
      }
    }
    let signature = release.asset(tarball.name + ".sig")
    let certificate = release.asset(tarball.name + ".pem") ?? release.asset(tarball.name + ".cert")
    self =
      switch (signature, certificate) {
      case (nil, nil): .none
      case (let signature?, let certificate?): .pair(signature: signature, certificate: certificate)
      case (let signature?, nil): .incomplete(present: signature.name, missing: tarball.name + ".pem")
      case (nil, let certificate?): .incomplete(present: certificate.name, missing: tarball.name + ".sig")
      }
  }

  var assets: [ReleaseAsset] {
    switch self {
    case .none, .incomplete: []
    case .bundle(let bundle): [bundle]
    case .pair(let signature, let certificate): [signature, certificate]
    }
  }
}

/// The body of a `.sha256` asset: its first word. Two columns of `sha256sum` and CRLF are fine.
struct Checksum: Sendable, Hashable {
  /// In bytes; a line for each target of a release fits.
  static let limit = 64 << 10
  let hex: String

  init(parsing body: [UInt8], id: PluginID) throws(InstallFailure) {
    let word = body.split(whereSeparator: { [0x20, 0x09, 0x0a, 0x0b, 0x0c, 0x0d].contains($0) }).first ?? []
    let text = String(decoding: word, as: UTF8.self).lowercased()
    guard word.count == 64, text.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }) else {
      // Only the beginning: it may be a page of HTML.
      let got = String(decoding: body.prefix(80), as: UTF8.self)
      throw InstallFailure(
        .sha256Invalid, "release for `\(id.text)` `.sha256` asset body `\(got)` invalid: must be exactly 64 hex chars")
    }
    hex = text
  }
}
