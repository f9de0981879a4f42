public import VirtualSigstore

/// A plugin's release as a publisher would make it, signed by a virtual Sigstore. Change a member before asking for the
/// assets to make it as wrong as a test needs it.
public struct SampleRelease: Sendable {
  /// What signing material lies beside the tarball.
  public enum Shape: String, Sendable, CaseIterable {
    /// cosign 2.x as nexo-rs's workflow calls it: `.sig`, `.pem` and the old `.bundle`.
    case trio
    /// The old bundle alone.
    case legacyBundle
    /// cosign 3.x: the protobuf bundle under the old name, and under its own.
    case newBundle
    case sigstoreJSON
    /// `.sig` and `.pem`, or `.cert`, alone.
    case pair
    case unsigned
  }

  public var owner = "example"
  public var repository = "plugin"
  public var tag = "v1.0.0"
  public var id = "my_plugin"
  public var version = "1.0.0"
  public var target = "x86_64-unknown-linux-gnu"
  public var shape = Shape.trio
  public var world: VirtualSigstore
  /// Nil signs as the workflow of this very repository and tag.
  public var leaf: LeafRequest?
  public var items: [PluginTarball.Item]
  /// The manifest beside the tarball; nil gives the one in it.
  public var manifest: String?

  public static let issuer = VirtualSigstore.issuer

  public init(world: VirtualSigstore = VirtualSigstore(), id: String = "my_plugin", version: String = "1.0.0") {
    self.world = world
    self.id = id
    self.version = version
    tag = "v" + version
    items = [
      .init("./", [], mode: 0o700), .init("./bin/", [], mode: 0o755),
      .init("./bin/\(id)", Array("#!/bin/sh\necho \(id) \(version)\n".utf8), mode: 0o755),
      .init("./nexo-plugin.toml", Array(Self.manifest(id: id, version: version).utf8)),
      .init("./lib/data.txt", Array("data of \(version)\n".utf8)),
    ]
  }

  public static func manifest(id: String, version: String) -> String {
    """
    [plugin]
    id = "\(id)"
    version = "\(version)"
    name = "Sample"
    description = "A sample."
    min_nexo_version = ">=0.1.0"

    [plugin.entrypoint]
    command = "bin/\(id)"

    """
  }

  public var identity: String {
    "https://github.com/\(owner)/\(repository)/.github/workflows/release.yml@refs/tags/\(tag)"
  }

  public var tarballName: String { "\(id)-\(version)-\(target).tar.gz" }
  public var tarball: [UInt8] { PluginTarball(items).gzipped }

  /// The leaf that GitHub's workflow of this release would get.
  public var workflowLeaf: LeafRequest {
    var leaf = world.leafRequest()
    leaf.names = [.uri(identity)]
    leaf.claims[5] = "\(owner)/\(repository)"
    leaf.claims[6] = "refs/tags/\(tag)"
    leaf.claims[9] = identity
    leaf.claims[12] = "https://github.com/\(owner)/\(repository)"
    leaf.claims[14] = "refs/tags/\(tag)"
    return leaf
  }

  public func signed() -> SignedMaterial {
    var world = world
    return world.sign(tarball, as: leaf ?? workflowLeaf)
  }

  /// Every asset by its name.
  public func assets() -> [String: [UInt8]] {
    var assets = [
      "nexo-plugin.toml": Array((manifest ?? Self.manifest(id: id, version: version)).utf8),
      tarballName: tarball,
      tarballName + ".sha256": Array((Encoding.hex(HashName.sha256(tarball)) + "\n").utf8),
    ]
    guard shape != .unsigned else { return assets }
    let material = signed()
    switch shape {
    case .trio, .pair:
      assets[tarballName + ".sig"] = material.looseSignature
      assets[tarballName + ".pem"] = material.looseCertificate
      if shape == .trio { assets[tarballName + ".bundle"] = material.legacyBundle.bytes }
    case .legacyBundle: assets[tarballName + ".bundle"] = material.legacyBundle.bytes
    case .newBundle: assets[tarballName + ".bundle"] = material.bundle(.v0_3).bytes
    case .sigstoreJSON: assets[tarballName + ".sigstore.json"] = material.bundle(.v0_3).bytes
    case .unsigned: break
    }
    return assets
  }

  /// The policy that names this release's own workflow.
  public func trustedKeys(mode: String = "require", bind: String? = nil) -> String {
    """
    schema_version = "\(bind == nil ? "1.0" : "1.1")"
    default = "warn"

    [[authors]]
    owner = "\(owner)"
    identity_regexp = '^https://github\\.com/\(owner)/\(repository)/\\.github/workflows/release\\.yml@refs/tags/v.*$'
    mode = "\(mode)"
    \(bind.map { "bind = \"\($0)\"\n" } ?? "")
    """
  }
}
