LaionAnswers("6",JSON.parse('{"aux nul":[["artist","CON",7,null,4,7,1,"artists/con-a3dbc4b6.html"]]}'));
