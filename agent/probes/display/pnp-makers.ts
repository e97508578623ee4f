/** Makers behind the three letters of an EDID: those found at kiosks, checkouts and on walls. Others show their letters. */

/** `LETTERS Name`, one a line: smaller in memory than an object of as many keys. */
const MAKERS = `
AAC AcerView
ACI Asus
ACR Acer
ADI ADI
AIC AG Neovo
AOC AOC
API Acer
APP Apple
AUO AU Optronics
AUS Asus
AVO Avocent
BNQ BenQ
BOE BOE
CHI Chimei
CMN Chimei Innolux
CMO Chi Mei
CPL Compal
CPQ Compaq
CPT Chunghwa
CSO CSOT
CTX CTX
CVT Cybervision
DEC Digital Equipment
DEL Dell
DPC Delta
DWE Daewoo
ECS Elitegroup
EIZ Eizo
ELO Elo Touch
EMA eMachines
ENC Eizo
EPI Envision
ETL Evertop
FCM Funai
FUS Fujitsu
GBT Gigabyte
GSM LG
GWY Gateway
HAR Haier
HEI Hyundai
HIT Hitachi
HKC HKC
HPC HP
HPN HP
HRE Haier
HSD HannStar
HSG Hannspree
HSL Hansol
HTC Hitachi
HWP HP
IBM IBM
ICL Fujitsu
IFS InFocus
IMP Impression
INL InnoLux
INX InnoLux
IQT Hyundai ImageQuest
ITE ITE
IVM Iiyama
IVO InfoVision
KDS KDS
KFC KFC
LEN Lenovo
LGD LG Display
LGP LG Philips
LNX Linux
LPL LG Philips
LTM Toshiba Matsushita
LTN Lite-On
MAG MAG
MAX Maxdata
MED Medion
MEI Panasonic
MEL Mitsubishi
MIR Miro
MSI MSI
MST MStar
MTC Mitac
NAN Eizo
NEC NEC
NOK Nokia
NVD Nvidia
OPT Optoma
OQI Optiquest
OTM Optoma
PAN Panasonic
PCK Daewoo
PHL Philips
PIO Pioneer
PKB Packard Bell
PLN Planar
PNR Planar
PRT Princeton
QDS Quanta
QMX Quantum Data
QWA Tatung
REL Relisys
RHT Red Hat
RTK Realtek
SAM Samsung
SAN Sanyo
SBI Smart Technologies
SDC Samsung Display
SEC Samsung
SGI SGI
SHP Sharp
SKY Skyworth
SMC Samtron
SNI Siemens
SNY Sony
SPT Sceptre
STN Samtron
SUN Sun
SVR Sensys
TAT Tatung
TCL TCL
TGT Targus
TOS Toshiba
TPV TPV
TSB Toshiba
TTX TTX
UNM Unisys
VES Vestel
VIT Visitech
VIZ Vizio
VSC ViewSonic
WAC Wacom
WTC Wen
XMI Xiaomi
ZCM Zenith
`

/** Name of a maker, or null when it is not a common one. */
export function makerName(id: string): string | null {
  const start = MAKERS.indexOf(`\n${id} `)
  return /^[A-Z]{3}$/.test(id) && start !== -1 ? MAKERS.slice(start + id.length + 2, MAKERS.indexOf('\n', start + 1)) : null
}
