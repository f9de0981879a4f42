import VirtualSigstore

/// Key identifiers (RFC 5280, 4.2.1.1 and 4.2.1.2), as Fulcio writes them. This project needs none; other clients, which judge the same
/// material, do.
extension VirtualExtension {
  /// 20 bytes of SHA-256, RFC 7093, 2.
  private static func identifier(_ subjectPublicKeyInfo: [UInt8]) -> [UInt8] {
    Array(HashName.sha256(subjectPublicKeyInfo).prefix(20))
  }

  static func subjectKey(_ subjectPublicKeyInfo: [UInt8]) -> VirtualExtension {
    VirtualExtension("2.5.29.14", DERWriter.octets(identifier(subjectPublicKeyInfo)))
  }

  static func authorityKey(_ subjectPublicKeyInfo: [UInt8]) -> VirtualExtension {
    VirtualExtension("2.5.29.35", DERWriter.sequence(DERWriter.element(0x80, identifier(subjectPublicKeyInfo))))
  }
}

extension World {
  /// A Sigstore whose authorities carry key identifiers.
  static func sigstore(seed: String = "virtual", now: Int64 = 1_700_000_000) -> VirtualSigstore {
    var sigstore = VirtualSigstore(seed: seed, now: now)
    let year: Int64 = 31_536_000
    let root = VirtualAuthority(
      "virtual-root", seed: seed, notBefore: now - 2 * year, notAfter: now + 8 * year, pathLength: 1
    ) { $0.extensions.append(.subjectKey($0.subjectPublicKeyInfo)) }
    let intermediate = VirtualAuthority(
      "virtual-intermediate", seed: seed, notBefore: now - year, notAfter: now + 7 * year, pathLength: 0,
      purposes: ["1.3.6.1.5.5.7.3.3"], under: root
    ) { template in
      template.extensions += [
        .subjectKey(template.subjectPublicKeyInfo), .authorityKey(root.key.subjectPublicKeyInfo),
      ]
    }
    sigstore.fulcio.authorities = [intermediate, root]
    return sigstore
  }

  /// The kit's request, with key identifiers.
  func leafRequest(_ kind: VirtualKey.Kind = .p256) -> LeafRequest {
    var request = sigstore.leafRequest(kind)
    request.extensions = [
      .subjectKey(request.key.subjectPublicKeyInfo),
      .authorityKey(sigstore.fulcio.authorities[0].key.subjectPublicKeyInfo),
    ]
    return request
  }
}
