LaionAnswers("13",JSON.parse('{"pink":[["celebrity","Pink",0,0,null,0,0,"celebrities/pink.html"]]}'));
