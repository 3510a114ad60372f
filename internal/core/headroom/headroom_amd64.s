#include "textflag.h"

// The assembler puts the check of the stack in front, for the frame of Size bytes.
TEXT ·Reserve(SB), 0, $49152-0
	RET
