/// Signatures over the text "message" with the test kit's RSA key of 2048 bits: each is another encoded message of 256
/// bytes, raised to the private exponent. Libraries do not make most of them, so they stand here as bytes, in base64.
enum RSAPaddingVectors {
  /// RFC 8017, 9.2, SHA-256. The first alone is what the standard says.
  static let pkcs1: [(name: String, signature: String)] = [
    (
      "genuine",
      """
      OVv8sWwstCe4OxoXslLCWo2DK3MRkuqJAoxQkYGpAWqNDl+/bPT3e2uif7daGAPxiUaQmWLAXT3wxo+8TSUpGTT6zZbB37si7U8Z99KeGzoUWaTj\
      +wrRErkYskMWczOZzmSLbo7TqwH3wgVbqLmKxCYdoadhr6199D/h5WIXK9a4i06D3lKNKdgjW3DDMik963HE7OdpIxb4pGhTWxlzbc3JU2CYGBWz\
      uqKh3i9EkARUSVxSC8DIXzGO0o2rcrkiQFpoN5z11wfXs85MG5a9cmjpVz+mUB3qhTSqT/RsQcrbPNFgoBmoOltrfFUNETRpQDalDA5hBy4+sVER\
      fvNUdQ==
      """
    ),
    (
      "no NULL in the algorithm",
      """
      yKLSgPCY/yaQqEKqsD5dwb1dMwh42/Edqzr3aRVHFaJhLWAR4vx2V7XdgHIbteEqpOZzLZ6U803Gm1oQujtN0FfEfT2vPrSZWgU5ghIFTbFaW29K\
      fQaRA6ItJuUUdw8hw6UWN+RoT/GNRebi7ac0GD2TQVYF7wnvK2WAydvhWgrvfiA/Br8cwkcNRtz/yJwLffF6mlUk7Xna8RLgEOb4n+F7CgOByVE9\
      Q4YT1O6m49GRCpHe4xHVh2J92bLzOPOTSf7yrm4eQqcR8WvBFlN19RgJVLW5SacHVAomPVfmKiFbrZM11R2jrxz8jACX/8B/yggqazgep0WQUhSg\
      mWYHDA==
      """
    ),
    (
      "other parameters than NULL",
      """
      Kynpvw5ulS5e69kfmzl8RQK7CnwDmxM+5ktaOyGVBnYm0i2yMbC2D/9/0CR92C6T3lvFQYkNA+K4aY2lUdSqALK534PL91QTmQNCRuLcQkIwZJ9f\
      ESDZFQyDO905RZffmqlfGVNc0Vjnf/iZI6iH9qo2AHYqlwAWkJR7O7otoUwnW58f3fhm8ku9pwopVUeED9sTAk+WIAmBiBwnCmmSSRJkRu/m6uDD\
      hAlG+gXkk9AFCGMGIfMo3YI0+nqbQaGzbymB4ZH6m73jkb6D8mc4Ke480e4Cd4psy0rzKZlOAqzTeI1SC+0+lP9um8WumckG9nJvgAjIGXvYjrVT\
      B44hhg==
      """
    ),
    (
      "another hash named",
      """
      zAcWwY84LkD6l4CMvBcaB9gHT4hAqEUn6JtRV+oU+Z68QKN5zh2I8JZWWKTk8sG3ztBaPpA8/IKqrtxrSJ9aT2/3fgGZk25zkEqS081EGUGabXYM\
      g43fsKodoruxCyNcm5Uopi+Nqwca41zpT8itYXkR6R7LWtSXcvwlFT6LVy1sepk2MzJ22Wq7etqw1amEqBJDZOnIZWBiH1vLzfE75PLA1mWnLkbl\
      lAVAsSFzwuNJr2aaCNi8ayPKLjw/PFRwslKWbA12HAPIe3Vbjm2p9pHbTh7h0jV3SxGGKBtFUBfFfCml1A5m+I+Y4wUqlWKhSUf2Onuav/pL/XtQ\
      2oBemQ==
      """
    ),
    (
      "SHA-512 named, digest of SHA-256",
      """
      yHw3yE5Fi772kXkTNzjw0fn2HPNrWdWMncpIrnj2Jtti1FdlI63xRIMXm8PeAuO5eWVstBzlhx+8JugMvYww1eLzFz5Y60VdTj+x/QKUvhPxk8D9\
      8HoT8DSuPs1DjoyUgvG/GVa7lec7/df74DutJImoHlkv1mR4LmVr7m1AUftXi/InW41lfxWWVY43OdLlyLLUY8TiGCOHlrLdms1A86hWXPixg4Ks\
      1IH8bxl0JHT2SN41s58w+ke0zJseuuqaB5ACB4ekE+TFIsZxQlHGuEJ3TEVE6PGaPcrnkGSR3KuRO+vv1vrqr6ffRaYAYJPhsUGaeEXj2+dQ5HE8\
      NKpcxQ==
      """
    ),
    (
      "bare digest",
      """
      t+NLWV6w9uT6VV1YEAIZUKrWhD3BTw6WJ5ARpyaIwBR+uwax2A/1VPC48/Ifwp9ErQ25yyeMh4EL3O2UF+Tq2ypbOGuY2NnyHA9xLiSxDnTIp+CA\
      eU6F40jH0+DA0Ylk1q1RWO10uYe/o7zmLDVVMKJ693fR9ztSUiv5DnG2OqP0wqwqrN8+GQ59wUoR9akeqmH5a+SOK3l8DAJwEGVDUvnMJ6Gp9yYY\
      DtYL2aRotZ/62XUvisF6dZ+grEPC56voFyyh/ctd4RJWL46mKapPVS0NuADTjN65yweMWZgjuTKmufXsFSzrfXdw485AhVlhEPm4vZDeqq0mlsQu\
      59HPhA==
      """
    ),
    (
      "bytes behind the digest info",
      """
      ZhhuJoLrd/ZScu6ZclIQKbVZGr6f6ZsBYpHPWSJKsnQlFNlEdIFXljWVjGoudpAErdBtrJYZO6ucLFLdVMll4FIpYCui3HQrhH1SJ+WwJF6OK308\
      LC8AB9Ws0LNZemGPwjkj72Or0kdvXfodn8MAF70MLvPsEDgtyx2OqGs83ooyvy69+6y17/6/MnjXp44HgBNcWAXsO/3+7DNRet0ddTKVF9m0jxaK\
      oGFXXMV2ZC9a/AWCMLz96w6fBn9qCSSo4tmB+iQJ70t2pYoKPUgkHppSOWpDZ+Js+0kAdF0Aexw24538atSdOKXpAszIBE94l+Bqf/b2TdPulFuV\
      YTF5gQ==
      """
    ),
    (
      "bytes inside the digest info",
      """
      lhofv7eyxMpnYCTaP7c2oTtTfLnoBHmouQ1Ipylc0UKcML0vkbtdgTPrkGfLQXMpcPrEVWAPywlYigXqaBgp7CTbFO/5b2Wxct3Xf6J0Awdmw9yI\
      6PU0wE//mtcOwicJDhvzTKQ+OgwXaMNTMXFnbOCqfEttGVqblmptpx1xzagCc57gjQWzSEPnBu+rdYzMMcyYk7tqln+fJCdNrIpni5IvvbGBRhIZ\
      3vageyPuUDyCxSsE8zHmFRpn924H9TmOOTS6wPwEvhOe/CukvT9SeCTgSjFfDiPG0mRx1bomqdd3WpFNyxITvJvHrsfs3Dpco1XNtcCtTGNdzl0R\
      M0wvkQ==
      """
    ),
    (
      "eight bytes of padding, the rest behind",
      """
      wB8dn46RWY3gX1ECoP46QV2GxqdZ9VWICjw/Th/LCipSE5zJRgkhTzbrqNPgh/ZA18jnbksAndFSB3nHoWmaAQr3bTZvhn0P/ByY5wyGcJYa2b+U\
      DDnvTG8vzT9J3WE30gD5GsLWulH8vJujDk5Ewq3r24TZ2QLOvIO08u/yv64leZihrrduLifiuZ1Me5c3xj/8Zzap6DEpfyzoZ84DShMQaTds7VPH\
      0Z+adEl7Nf8Cqz4THSSGw8mTnwgMCnhOzNx7PSu8jnWnfftcVEK4wc8HGvE3Env8T8oSXslhNIv6qRcqvR2q3BYYBNKtJu/3Ztmpc28dvT5UMqqO\
      XenHHQ==
      """
    ),
    (
      "length in long form",
      """
      Pv95OvDb0CH5JfvLbpjxuBSHDhtvZxf1rnv/Iwg3zKEVujIoussGUe9vTOnQXfq3GWlhDaJLSgvK264bXeefMACkCEWoz51lO8ipJ2b04lGvnwCD\
      zgdKcALse4gJYBMBaHkhVJrY1XlZOmwZXj2VzgCKAXwgr8I8bSnUNlwPnMRPPMThoo7Yr6YhKFbxwmRZg8P+lxHceb7fYGP2HvvbYUJjE4yAGS8J\
      S1Xe3ZxESlcYuq3qpg6sab8zhdOQCkzGRNBu8rl/azU50k9o3ntBisJ3MkqJV1Uy9mfY39zPfA66z94U++FlEy5Jnvj0rFLFvZL3oL9LCwxDG5IA\
      vFXHcQ==
      """
    ),
    (
      "block type 0",
      """
      sywVygsVlR5vV28sWhC9rHH+KRdP3NiKgFj77sfbRCTFLPveLWN6uwo34z+Z69NC4rCGNo4TJ1QI2foHHAbPJrka8kUbQIdeZiHv0ECX1SI9VwpK\
      J7X6xk31Z+cXNgPLLvXUQl0Wdv2Rf97VicwxEv64OWVCPjteeVg+HcNjQcz7pWepSlyj03Sr7lEgviVXKaB0Qmku3S8wekb5itFpOSPnV1yuqR6Z\
      r04v7nk6G8/58diTLub9l9NgdEKcmr9MHg3fYqFNJv3rBDbPnJwFnQoNgfwgEJ9BzT4l/9lMzAJSvR8Nr2d+Ip1w8U0V16ggKKPsQvbV34FIRHFu\
      QangBw==
      """
    ),
    (
      "block type 2",
      """
      CuYp7GIzr90emSuSWvolDJQG2Q4NZ1Tkfr7pvarqKx+rK/7XAfgn8x0G7IWkKrgaEbf47n+5V9TS2CwXBSR3Iy2pyMRbfV+YxAnmbjDIqc+bUKvt\
      K0DZTLQScmyodmnlnW9fUVWi/iB5QCKJjgEnHC3WtYoN4Y2Pf2/8GtJlsvIBgcxJw55VLtdafpbpbombXBEypp4cIAbFuUqxuJ4kaI3ZFUZFiiXg\
      vDCPS8MbkQ66+9S7ryFPvRKgpUvvWDyIlq7q0gBqIR85JG+pWo52LqywiN6qmG9O8jZa8GzXKmtvt0PF7UdCp1MFGXxGOIVC7cK630SHAUsNPf9+\
      tj8NJg==
      """
    ),
    (
      "leading byte 1",
      """
      WU2mtMot9OHyQ6PvB+6b7gyPbSECaeLvgaeaSmsZFxr2W4nVx/vAnNwLXNXQSWgHwYt/2MjPD1ZVypCPkSguRDCg4SXUiHM4kP8uM6nF4+GJbOoF\
      WsKKxPJoGVrtijrS3zmz4brLqStoCsIQi6QTwntY8P4QO5A1iENM/T/S6Ol2E+ALi0Cqj/57gHqxULRKhK14igoyjHUroCVbDF/Q6EpGCU2YUeis\
      R61m1mbxtwZ5hCzKblqBqePcYzz7u9ziXqm56KK7ELDOcX/4KVeX3dT3CslurxyUk4yGDL7gF/8paUshb4bNUa4HoYSBqj+p/Qj0+UTuc6Wh4d8N\
      ovY0DQ==
      """
    ),
    (
      "one padding byte of another value",
      """
      d9Jpxvsrw/SDA1/41iaV9VpI6nOGtnmqEuuAzK+UqgU3WO9gNYzHB7JHa0uKVmuqW970rt6BWhUaxnzdxkZLZw6PUkD/Ppkc/ruo+lQ4/5sn0vjW\
      Zea3+YXwqlrvvnBntKzBYqS92ypW40VT33P8GaTCYpmm68nlOqk/81joWsvz9Ewp2A4gbu2TyIclvq5Bf6fCP9mOGGSYiSnMJS+qKEotl4Cq2xa5\
      6V/VHSxO5n6yc1qKJdICnkZsNxDkfnKWpLZ+ticbpO3Lnv6cwVG1Cy0KOvhtOmWsk7PXnROS6DRgQ1UTh7dNmhSwnJ0mOaps2upQpaEEIgrqh+oo\
      jKxe7A==
      """
    ),
    (
      "no zero behind the padding",
      """
      dp3yLSrfuW8uhd8rqRvlZIHCex+j9FUr8KvbDO5NW7CxdVPTU59oKLLb5DIGlsaZFkYGAD9CHpjAKh31EoIicuejeggfVMCqRZaJOn4rKqoOB4Pl\
      zVT4RJcOh7DDAVzB2phoOwGeKka4mZvhlf8l5UZ9mRdQrBDIt3wEYgoj2xWuUijJTpZQCFhmbbK2o72F9tyit5eT0OCQUT+wVXjfX2v5jHndYnSP\
      BlMULwRRONp67unXVYnRv8RndbUldYOy5O1oS9QyMpYnzAkpoV9eQOOsx+PF9KbC23k7c46K1eq7WHnQsJI/nqIlLfKCtF+jUGU4u3sXgxHS+7Zz\
      906kuw==
      """
    ),
  ]

  /// RFC 8017, 9.1, SHA-256 unless named otherwise. Those with a salt are right, whatever its length.
  static let pss: [(name: String, signature: String)] = [
    (
      "salt of 32 bytes",
      """
      ysPt/WmEvD9bBCtK3eWrkjA1PqO+OmVQIIQH1UUNmSW779B46EXOqFB+GG73Kl82S37q3ds8lXrorL1FrTMthGqYYkxcsJ7TJ4Z9aikLPoFsccD6\
      rfsX0w1SIkvnnPjI/PRGnWs1BsDfR0QsSt0fsS1hBqbwsF4reO934zKI3vz9e02uIAOYITNxqAcd3RgVHrDbDVnZdpSZnz8faEMgoGIl4yDxvVFy\
      MeTFMcpGD98aiwA4xMAPgTq4e7dyFo92FruO+my8t1VQJnqaulGdYGB+f0KkVcpeUvoIF652mdJpnk8CfQ4+F3uVwxSpWwTRdxkqCo9Rcxb+s0A7\
      t2z/gw==
      """
    ),
    (
      "no salt",
      """
      QasaFCA4IV8qH+hfWPiia88eY7YkHyi+Y/WwGLUjKyCWZl+UMe9eDyXES2eU9DdQ3lvias2Yw07tsgmt8jjtWOvYidwquIxk/nB8OILpZnjaERXr\
      w0AYEPPPg1c02qafVicEqqmXM76QQMv5bXxdUwPPF/16pRN87yFVMgIS/IG/sqTB+0u1BDYI1Xru1WvMHdf6mtDoIA+UDDGX+zA/D1b7fOUPqEn3\
      NglqXyrPaxg690qTfvROOjTL05eLgstpxhJbFQEZ79ZTzR+OlTsTUZzm/TjmN7RghI9L6Wz1s9aW2Hy9Xl/c0iJ8zzy610+mhYYfjDbIJLe0dq6i\
      i7Ajxw==
      """
    ),
    (
      "longest salt",
      """
      ry24uwmn+PDoFUHV0abxdUyc+ji1d3eaFnGMIQFQzR6e+v2gk+fQuOg/n+rYoTeHHPC1bj4otNr5Cvl9nbqosta3qZGYxVFMtkNDBZA2W8Ayodp3\
      hNVy7SwAx+MkYYxGrmgp4MVnppNQj092ZRBC6ZjNzHxsz8UROW7aMkeFpFgHtCZy5klcWZanpAHYUgTLaQDRg1nnEUkwZEXTNgZQBgDdulQw/OeL\
      btedFRQpCaCxEAAb/ap6ZuSGNeGRfM5dy4+lvwLdscOnrW/9W91aUZUJDAG6c7+bs5FH4afzjP3lU6HxKhuf0sOnESKLJVTsmL8NmzVPMvXK3ixY\
      Sr30uQ==
      """
    ),
    (
      "mask of SHA-1",
      """
      OXjx2aB/GMFCLHfsqL0j1365g/db7rpYJ+Ev9dop8EPyNDuJDZuRBcoRA2QRBOyrNLJ5bxrN6IIzo32odC3Kq0qdbjrhAqQOJOUCoEelE/I7nwbB\
      A6KtKvua+jVhBjQW+xPaoRHy3trno8lVL4+BOngzBrrWA56tBOfCrZc1eetX+3nGU8ZWx+ESJeh6kl9SuLVukqz5e9LlGDzcWBwdJFHZrWdqcEBx\
      3F37cib5+TrUWoP6OzJYSbMYdQh/RyZqhsC16OgB8ZbHC6CHKA3eUSbOydljYPBOpf4GUwTs9fxd0Rl1v8rBpW8uzjOGT6a7inYOxo0atMoELeH5\
      +oXTrg==
      """
    ),
    (
      "mask of SHA-512",
      """
      Svegq6bMvdIHC8CxgEBNntYUU+tYdeuGawllPx4q3eyQsnGy4pWfv4ZRCNTalSB+nLR7/HZmezhGwwiqc6GHVkUGdq9qm0hM4wucO5rJUSGWPf9O\
      WLKVkdFm8zeJGN0xsG8tYo+atw3zIEbMZWCzmfDosMP+eoVls4wcBlTHlLsWK245YMBDEFf3h3/4RypVABa4+jED1IxgUX2XR1pw+zIYpA8xsGus\
      zSYr5ItHQe+dcqtT6mKQfrpL4sV9o17cuHpycAcxtIXelsygsNeBMWQCztG1KqMO8wvfALeXySGgAhs4INBImO+5X59GsTQxPRE9TUXpKHX/Pc76\
      ZyXujg==
      """
    ),
    (
      "over SHA-512",
      """
      buggZEH+IwPVn6xQ9BYrBygX1zmumBff5YX4E3Nk97g4uRrzde4EgIpamjZP9ROevfk62rl6l4vlQnj7jVadnwLSacN2A3bDPPbbK21K4hVSDCUk\
      BsxJX4rZknurBD0iUBIE+k6n4NLSmKT1boi1btZyfrp9RmaHzA4lnuVPiZzUK0PRgSAXo+ZMup0CGiUlH88TcOEtivF/JBf3ZXq4F2oqo3cZ679z\
      ckuIYI79P9Y3X6I7JaQ7MNJr9ErJNpJn8r9QMijsAVUHdcXkKRt9SK9vcsuqskSyptYPkpayP3gKU4S00A4qQ+CE8NBuMesFAB/Ij0xXS+s/lSfY\
      fmgNzw==
      """
    ),
    (
      "another trailer",
      """
      OrkMIkCcj14W9+GWWpQ8fjSCoHnwgKz/X6QlFVCtQ/C4TSoCRf7oVX8f60edpawwpLSqzXoIZd6x8xtx2JMllEL6ubR+pQ1Q2XJJhbXsHnDCajRu\
      nI/S1Dt4iBQ96Q+2GspJIPzuzrG8L+4j+/VLh4FnZBoFeD0KdiODDi9krIXX2+5Y6FwP1aWl5Y4PxkWRoTGnJhknzDH+Ao/J3G8sSY7X25986rvB\
      l0uh5ASpR0MHTvDn8ii1qWFsscwkecutty1NQmQdC16QuQ1TlTvgpHkeCiGKnB2k0evHOW4Ir/Uc+NkNNdwSO4NSEhfSMXAS7OFwqGg0J38kRjHe\
      1YbcVw==
      """
    ),
    (
      "another separator",
      """
      cE+QqElEdf43kQUUntURbb7ar08hKocEcG8bwHAdQ60yW9ayhNqhhr02ANV6JQc6jieBUOioedtclilarvarhPtFIXSioUM3sd/J1L2dk5SbHI+1\
      MnlxnnmMxK0q5wuolCdxsrfXgABExtRdjZG/I1qfey/dKWqE/pJEyXkITlnB/sfyqnt6SL84vpPucCrwq/N6jTCt8wbCcDoqUSgJKfpYMclvJEpG\
      8YJxc1NvKC1iRwhhib0zxsOtLA+lM7Yki4DiV7m/GE2CvUxR3jycDNzdtK5Pm3fkUs7bANllGfBQkCmPg4gsuzp83mjHGIouZiOHyXxnnGwZD/Xi\
      eoEzSQ==
      """
    ),
  ]
}
