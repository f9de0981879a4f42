/// The help, made of `FlagTable`.
enum HelpText {
  static func text(for verb: Verb?) -> String {
    switch verb {
    case .verifyBlob: verifyBlob
    case .verifyBlobAttestation: verifyBlobAttestation
    case .inspect: inspect
    case .version, .completion, .manual, .help, nil: program
    }
  }

  private static var program: String {
    """
    Verifies Sigstore signatures over files, offline.

    Usage:
      nexo-verify [global flags] COMMAND [flags]

    Commands:
      verify-blob               verify the signature of a file, or of many; takes cosign's flags
      verify-blob-attestation   verify what somebody says of a file (in-toto, DSSE); takes cosign's flags
      inspect                   say what signature material holds, without judging it
      version                   say the versions of the program, of libcrypto and of the embedded trusted roots
      completion                print completions for a shell: bash, zsh or fish
      manual                    print the manual page, for man -l
      help                      this text, or that of a command: nexo-verify help verify-blob

    Global flags:
    \(list { $0.isGlobal })
    Exit status: 0 verified, 1 untrusted, 2 wrong usage, 3 malformed input, 4 a file or the output failed.
    Run by the name of cosign (a link): 0 or 1.

    """
  }

  private static var verifyBlob: String {
    """
    Verifies that an expected signer signed a file and that the signature was logged. nexo-verify
    uses no network; nexo verify-blob, the same command, asks the log for the entry of a signature without a bundle,
    unless --offline is given.

    Usage:
      nexo-verify verify-blob --bundle FILE --certificate-identity NAME --certificate-oidc-issuer URL BLOB
      nexo-verify verify-blob --bundle FILE --key FILE BLOB
      nexo-verify verify-blob --certificate-identity NAME --certificate-oidc-issuer URL BLOB…
      nexo-verify verify-blob --checksums FILE --certificate-identity NAME --certificate-oidc-issuer URL [BLOB…]

    Without --bundle and --signature, what lies beside each file is taken: FILE.sigstore.json, FILE.sigstore,
    FILE.bundle, or FILE.sig with FILE.pem, .cert or .crt. Of several files one line each is said.

    BLOB is a path, - for standard input, or a digest: sha256:HEX, sha384:HEX, sha512:HEX. Flags stand before or
    behind it, as --flag value or --flag=value, and end at --.

    Flags:
    \(list { !$0.isGlobal && $0.verbs.contains(.verifyBlob) })
    Global flags:
    \(list { $0.isGlobal })
    Says "Verified OK" on standard error and exits with 0; or says why not, and exits with 1 untrusted, 2 wrong usage,
    3 malformed input, 4 a file failed. Run by the name of cosign (a link): 0 or 1.

    """
  }

  private static var verifyBlobAttestation: String {
    """
    Verifies that an expected signer made a statement of the expected type about a file, and that it was logged. What the
    statement says is not judged. Uses no network.

    Usage:
      nexo-verify verify-blob-attestation --bundle FILE --type TYPE --certificate-identity NAME
        --certificate-oidc-issuer URL BLOB
      nexo-verify verify-blob-attestation --bundle FILE --type TYPE --key FILE BLOB

    BLOB is a path, - for standard input, or a digest: sha256:HEX, sha384:HEX, sha512:HEX. TYPE is one of
    \(AttestationType.names.map(\.key).joined(separator: ", ")),
    any, or the predicate type itself, a URI.

    Flags:
    \(list { !$0.isGlobal && $0.verbs.contains(.verifyBlobAttestation) })
    Global flags:
    \(list { $0.isGlobal })
    Says "Verified OK" on standard error and exits with 0; or says why not, and exits with 1 untrusted, 2 wrong usage,
    3 malformed input, 4 a file failed. Run by the name of cosign (a link): 0 or 1.

    """
  }

  private static var inspect: String {
    """
    Says what a bundle, certificate, signature, checkpoint or trusted root holds. Nothing is verified: every value is what
    the file says of itself.

    Usage:
      nexo-verify inspect FILE…

    Global flags:
    \(list { $0.isGlobal })
    Exits with 0 if each file could be read, with 2 for wrong usage, 3 for malformed input, 4 if a file failed.

    """
  }

  /// Two lines for each flag: how it is written, and what it does.
  private static func list(_ isListed: (FlagRow) -> Bool) -> String {
    FlagTable.rows.filter(isListed).compactMap { row -> String? in
      guard let help = row.help else { return nil }
      let short = row.short.map { "-\($0), " } ?? ""
      let value =
        switch row.kind {
        case .toggle: ""
        case .text(let name), .path(let name): " \(name)"
        }
      return "  \(short)\(row.flag.spelled)\(value)\n        \(help)\n"
    }.joined()
  }
}
